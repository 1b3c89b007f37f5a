import type { Opened } from '../engine/open-databases.ts';
import { recorded } from './recorded-life.ts';

/** So many messages, and those of the recording, were written with both commits; throws otherwise. */
export async function verifyLives(opened: Opened, count: number): Promise<void> {
  for (const text of [
    'SELECT count(*) AS n FROM {tables}contents',
    'SELECT count(*) AS n FROM {tables}idempotency',
    'SELECT count(*) AS n FROM {tables}messages WHERE status = 1 AND due_at IS NULL',
    'SELECT count(*) AS n FROM {tables}notifications WHERE status = 2 AND completed_at IS NOT NULL',
  ]) {
    const found = Number((await opened.query(text))[0]?.n);
    if (found !== count + recorded) throw new Error(`${count + recorded} expected, but ${found}: ${text}`);
  }
}
