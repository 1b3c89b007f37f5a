import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A database file of one's own, not yet made. */
export interface IsolatedSqlite {
  readonly file: string;
  /** Removes the file and those beside it; close the database before. */
  drop(): Promise<void>;
}

/** Makes a folder for a database file that shares nothing with other tests. */
export async function isolatedSqlite(): Promise<IsolatedSqlite> {
  const folder = await mkdtemp(join(tmpdir(), 'tidings-'));
  return { file: join(folder, 'tidings.db'), drop: () => rm(folder, { recursive: true, force: true }) };
}
