import { databases } from '@tidings/testing';
import { describe, it } from 'vitest';

/** The servers this run has. Without any, what needs one is left out by name: a file without a test fails a run. */
export function servers(): readonly ('postgres' | 'mariadb')[] {
  const found = databases(['postgres', 'mariadb']) as readonly ('postgres' | 'mariadb')[];
  if (found.length === 0) {
    describe.skip('needs PostgreSQL or MariaDB: start one, or set TIDINGS_POSTGRES_URL or TIDINGS_MARIADB_URL', () => {
      it('is left out', () => {});
    });
  }
  return found;
}
