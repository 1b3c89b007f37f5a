import { DatabaseSync } from 'node:sqlite';
import { TidingsError, type Writes } from '@tidings/core/spec';
import { databases, isolatedSqlite, newContact, startChild } from '@tidings/testing';
import { describe, expect, it } from 'vitest';
import { sqliteStore } from '../src/index.ts';

const insertContact = (scope: number): Writes => ({ contacts: { insert: [newContact({ scope })] } });

describe.skipIf(databases(['sqlite']).length === 0)('a locked SQLite file', () => {
  it('is waited for while the event loop goes on', async () => {
    const { file, drop } = await isolatedSqlite();
    const store = sqliteStore(file);
    const scope = await store.scope('tenant', 'live');
    const holder = startChild(new URL('./lock-process.ts', import.meta.url), file, '3000');
    expect(await holder.line()).toBe('locked');
    let ticks = 0;
    const timer = setInterval(() => {
      ticks += 1;
    }, 10);
    const commits = Array.from({ length: 5 }, () =>
      store.commit({ kind: 'contacts', reads: {}, decide: () => ({ writes: insertContact(scope), result: ticks }) }),
    );
    const ticksAtCommit = await Promise.all(commits);
    clearInterval(timer);
    // a busy wait of SQLite's own would have let none through
    expect(Math.min(...ticksAtCommit)).toBeGreaterThan(20);
    expect((await store.listContacts({ scope, limit: 10 })).items).toHaveLength(5);
    expect(await holder.ended).toBe(0);
    await store.close();
    await drop();
  });

  it('is given up after the budget', async () => {
    const { file, drop } = await isolatedSqlite();
    const store = sqliteStore(file, { busyBudgetMs: 100 });
    const scope = await store.scope('tenant', 'live');
    const other = new DatabaseSync(file);
    other.exec('BEGIN IMMEDIATE');
    const work = { kind: 'contacts', reads: {}, decide: () => ({ writes: insertContact(scope), result: 1 }) } as const;
    const error = await store.commit(work).catch((thrown: unknown) => thrown);
    expect(TidingsError.is(error, 'STORE_BUSY') && error.retryable).toBe(true);
    other.exec('COMMIT');
    expect(await store.commit(work)).toBe(1);
    other.close();
    await store.close();
    await drop();
  });

  it("counts a host's open transaction on its own handle as busy", async () => {
    const database = new DatabaseSync(':memory:');
    const store = sqliteStore({ database });
    const scope = await store.scope('tenant', 'live');
    database.exec('CREATE TABLE orders (id INTEGER); BEGIN; INSERT INTO orders VALUES (1)');
    let committed = false;
    const commit = store
      .commit({ kind: 'contacts', reads: {}, decide: () => ({ writes: insertContact(scope), result: 1 }) })
      .then(() => {
        committed = true;
      });
    await new Promise((resolve) => setImmediate(resolve));
    expect(committed).toBe(false);
    database.exec('ROLLBACK');
    await commit;
    expect(database.prepare('SELECT count(*) AS n FROM orders').get()).toMatchObject({ n: 0 });
    expect((await store.listContacts({ scope, limit: 10 })).items).toHaveLength(1);
    await store.close();
    expect(database.isOpen).toBe(true);
    database.close();
  });

  it.concurrent.each([
    [
      "the store's handle",
      (_file: string, host: DatabaseSync) => sqliteStore({ database: host }, { busyBudgetMs: 100 }),
    ],
    ['a handle of its own', (file: string) => sqliteStore(file, { busyBudgetMs: 100 })],
    [
      'a handle of its own, on a file the store has prepared',
      (file: string, host: DatabaseSync) => {
        host.exec('PRAGMA journal_mode = WAL');
        return sqliteStore(file, { busyBudgetMs: 100 });
      },
    ],
  ])(
    'is not waited for as a migration is, by the first use while the host has a transaction open on %s',
    async (_, open) => {
      const { file, drop } = await isolatedSqlite();
      const host = new DatabaseSync(file, { timeout: 0 });
      const store = open(file, host);
      host.exec('BEGIN IMMEDIATE; CREATE TABLE orders (id INTEGER)');
      const error = await store.scope('tenant', 'live').catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({
        code: 'STORE_BUSY',
        retryable: true,
        message: expect.stringContaining('engine.start()'),
      });
      host.exec('COMMIT');
      expect(await store.scope('tenant', 'live')).toBe(1);
      await store.close();
      host.close();
      await drop();
    },
    20_000,
  );
});
