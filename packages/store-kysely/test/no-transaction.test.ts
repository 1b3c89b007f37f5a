import { DatabaseSync } from 'node:sqlite';
import { type Store, TidingsError, type Work } from '@tidings/core/spec';
import { databases, isolatedMariadb, isolatedPostgres, isolatedSqlite, newContact } from '@tidings/testing';
import { Kysely, PostgresDialect } from 'kysely';
import { afterAll, describe, expect, test } from 'vitest';
import { kyselyStore, mysqlStore, postgresStore, sqliteStore } from '../src/index.ts';
import type { TransactionBridge } from '../src/transaction.ts';
import { libraryStores } from './library-stores.ts';
import { dropGenerated } from './prisma-client.ts';

// biome-ignore lint/suspicious/noExplicitAny: what is no transaction is given on purpose
async function refused(store: Store<any>, transaction: unknown): Promise<string> {
  const scope = await store.scope('tenant', 'live');
  const contact = newContact({ scope });
  const work: Work<void> = {
    kind: 'contacts',
    reads: {},
    decide: () => ({ writes: { contacts: { insert: [contact] } }, result: undefined }),
  };
  const error = await store.commit(work, { transaction }).then(
    () => 'it was written',
    (thrown: unknown) => thrown,
  );
  if (!TidingsError.is(error, 'VALIDATION_ERROR'))
    throw new Error(`Expected a refusal, got: ${error}`, { cause: error });
  expect(error.path).toBe('transaction');
  expect((await store.load({ contacts: [contact] })).contacts).toEqual([]);
  return error.message;
}

describe.runIf(databases(['postgres']).length > 0)('on PostgreSQL', () => {
  test('a pool, a client outside a transaction, other tables and a failed transaction are refused', async () => {
    const { pool, drop } = await isolatedPostgres({ max: 4 });
    const elsewhere = await isolatedPostgres({ max: 2 });
    const store = postgresStore(pool);
    expect(await refused(store, pool)).toContain('not a pool');
    const client = await pool.connect();
    expect(await refused(store, client)).toContain('must be open');
    await client.query('BEGIN');
    expect(await refused(postgresStore(elsewhere.pool), client)).toContain(
      'on the database, schema and prefix of the store',
    );
    await expect(client.query('SELECT 1 / 0')).rejects.toThrow();
    expect(await refused(store, client)).toContain('must not have failed before');
    await client.query('ROLLBACK');
    client.release();
    const db = new Kysely<Record<string, never>>({ dialect: new PostgresDialect({ pool }) });
    expect(await refused(kyselyStore(db), db)).toContain('not a Kysely instance that is no transaction.');
    await drop();
    await elsewhere.drop();
  });

  test('a transaction of another database of the same tables is refused', async () => {
    const here = await isolatedPostgres({ max: 4 });
    const there = await isolatedPostgres({ max: 4 });
    await postgresStore(there.pool).migrate();
    const client = await begun(there.pool);
    expect(await refused(postgresStore(here.pool), client)).toContain('on the database');
    // of what was refused nothing is left to disturb its host
    await client.query('SELECT 1');
    await client.query('COMMIT');
    client.release();
    await here.drop();
    await there.drop();
  });
});

async function begun(pool: import('pg').Pool): Promise<import('pg').PoolClient> {
  const client = await pool.connect();
  await client.query('BEGIN');
  return client;
}

describe.runIf(databases(['mariadb']).length > 0)('on MariaDB', () => {
  test('a pool, a connection outside a transaction and other tables are refused', async () => {
    const { pool, drop } = await isolatedMariadb();
    const elsewhere = await isolatedMariadb();
    const store = mysqlStore(pool);
    expect(await refused(store, pool)).toContain('not a pool');
    expect(await refused(store, pool.promise())).toContain('not a pool');
    const connection = await pool.promise().getConnection();
    expect(await refused(store, connection)).toContain('must be open');
    const other = await elsewhere.pool.promise().getConnection();
    await other.beginTransaction();
    expect(await refused(store, other)).toContain('on the database');
    await other.rollback();
    other.release();
    connection.release();
    await drop();
    await elsewhere.drop();
  });
});

describe.runIf(databases(['sqlite']).length > 0)('on SQLite', () => {
  test('a handle without a transaction, on another file, or closed is refused', async () => {
    const { file, drop } = await isolatedSqlite();
    const store = sqliteStore(file);
    const database = new DatabaseSync(file);
    expect(await refused(store, database)).toContain('must be open');
    const other = new DatabaseSync(':memory:');
    other.exec('BEGIN');
    expect(await refused(store, other)).toContain('on the database');
    other.close();
    expect(await refused(store, other)).toContain('cannot be used by node:sqlite');
    database.close();
    await store.close();
    await drop();
  });

  test('any executor will do, and is found out when nothing has begun', async () => {
    const { file, drop } = await isolatedSqlite();
    const transactions: TransactionBridge<DatabaseSync> = {
      name: 'my library',
      executor: (handle) => ({
        query: (sql, parameters) => handle.prepare(sql).all(...(parameters as never[])) as never,
      }),
    };
    const store = sqliteStore(file, { transactions });
    const scope = await store.scope('tenant', 'live');
    const database = new DatabaseSync(file, { timeout: 0 });
    expect(await refused(store, database)).toContain('of my library is in no transaction');
    expect(database.isTransaction).toBe(false);
    database.exec('BEGIN IMMEDIATE');
    const contact = newContact({ scope });
    await store.commit(
      {
        kind: 'contacts',
        reads: {},
        decide: () => ({ writes: { contacts: { insert: [contact] } }, result: undefined }),
      },
      { transaction: database },
    );
    database.exec('COMMIT');
    expect((await store.load({ contacts: [contact] })).contacts).toHaveLength(1);
    expect(store.transaction).toBeUndefined();
    database.close();
    await store.close();
    await drop();
  });
});

afterAll(dropGenerated);

describe.each(databases(['postgres', 'mariadb']) as readonly ('postgres' | 'mariadb')[])('on %s', (name) => {
  test.each(['Drizzle', 'Prisma'] as const)(
    'a call without one, while the transaction of %s has the only connection, ends and writes nothing late',
    async (library) => {
      const place = await libraryStores[name][library]({ connections: 1, busyBudgetMs: 1_000 });
      const scope = await place.store.scope('tenant', 'live');
      const decided: string[] = [];
      const insert = (contact: ReturnType<typeof newContact>): Promise<void> =>
        place.store.commit({
          kind: 'contacts',
          reads: {},
          decide() {
            decided.push(contact.id);
            return { writes: { contacts: { insert: [contact] } }, result: undefined };
          },
        });
      const [first, second, after] = [newContact({ scope }), newContact({ scope }), newContact({ scope })];
      await place.transaction(async () => {
        const ends = await Promise.allSettled([insert(first), insert(second)]);
        for (const end of ends) {
          expect(end).toMatchObject({
            status: 'rejected',
            reason: {
              code: 'STORE_UNAVAILABLE',
              retryable: true,
              details: { pool: 'exhausted' },
              message: expect.stringContaining('`transaction`'),
            },
          });
        }
      });
      // waits behind those that were given up, on the one connection
      await insert(after);
      const { contacts } = await place.direct.load({ contacts: [first, second, after] });
      expect(contacts.map(({ row }) => row.id)).toEqual([after.id]);
      expect(decided).toEqual([after.id]);
      await place.drop();
    },
    60_000,
  );
});
