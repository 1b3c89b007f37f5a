import { DatabaseSync } from 'node:sqlite';
import type { Store } from '@tidings/core/spec';
import { databases, fakeClock, isolatedSqlite, type StoreFactory, testStore } from '@tidings/testing';
import { Kysely, MysqlDialect, PostgresDialect, SqliteDialect } from 'kysely';
import { afterAll, describe, expect } from 'vitest';
import { kyselyStore, mysqlStore, postgresStore, type ServerStoreOptions, sqliteStore } from '../src/index.ts';
import { type Hostile, hostileMariadb, hostilePostgres, makeOdd, oddMysql, transactionPooler } from './hostile-pools.ts';
import { nodeSqlite } from './node-sqlite.ts';

const complaints: string[] = [];
afterAll(() => expect(complaints).toEqual([]));

const lacks = ['reopen'] as const;
const hasServer = (name: 'postgres' | 'mariadb' | 'sqlite'): boolean => databases([name]).length > 0;

/** The store a host with such a pool would make. */
function on<Pool>(
  make: () => Promise<Hostile<Pool>>,
  open: (pool: Pool, options: ServerStoreOptions) => Store,
): StoreFactory {
  return async () => {
    const hostile = await make();
    const clock = fakeClock();
    const store = open(hostile.pool, { schema: hostile.schema, now: clock.now });
    return {
      store,
      advance: (ms) => clock.advance(ms),
      async close() {
        await store.close();
        await hostile.drop();
        complaints.push(...hostile.complaints);
      },
    };
  };
}


describe.runIf(hasServer('postgres'))('postgres', () => {
  testStore(
    on(() => hostilePostgres({}, 'serializable'), postgresStore),
    { lacks, title: 'odd parsers and sessions' },
  );
  testStore(
    on(
      () => hostilePostgres({ binary: true } as object, 'repeatable read').then(transactionPooler),
      (pool, options) => postgresStore(pool, { ...options, prepare: false }),
    ),
    { lacks, title: 'a transaction pooler, results in binary' },
  );
  testStore(
    on(
      () => hostilePostgres({}, 'repeatable read'),
      (pool, options) => kyselyStore(new Kysely<Record<string, never>>({ dialect: new PostgresDialect({ pool }) }), options),
    ),
    { lacks, title: 'odd parsers, through Kysely' },
  );
});

describe.runIf(hasServer('mariadb'))('mariadb', () => {
  testStore(
    on(() => hostileMariadb(oddMysql), mysqlStore),
    { lacks, title: 'odd values and sessions, prepared' },
  );
  testStore(
    on(
      () => hostileMariadb({ ...oddMysql, multipleStatements: true }),
      (pool, options) => mysqlStore(pool.promise(), { ...options, prepare: false }),
    ),
    { lacks, title: 'odd values and sessions, not prepared' },
  );
  testStore(
    on(
      () => hostileMariadb({ dateStrings: true, bigNumberStrings: true, supportBigNumbers: true, flags: ['-FOUND_ROWS'] }),
      (pool, options) =>
        kyselyStore(new Kysely<Record<string, never>>({ dialect: new MysqlDialect({ pool: pool as never }) }), options),
    ),
    { lacks, title: 'odd sessions, through Kysely' },
  );
});

describe.runIf(hasServer('sqlite'))('sqlite', () => {
  testStore(
    async () => {
      const { file, drop } = await isolatedSqlite();
      const database = new DatabaseSync(file, { timeout: 0, readBigInts: true, returnArrays: true });
      makeOdd(database);
      const clock = fakeClock();
      const store = sqliteStore({ database }, { now: clock.now, foreignKeys: true });
      return {
        store,
        advance: (ms) => clock.advance(ms),
        async close() {
          await store.close();
          database.close();
          await drop();
        },
      };
    },
    { lacks, title: "a host's odd handle" },
  );
  testStore(
    async () => {
      const database = new DatabaseSync(':memory:', { timeout: 0, readBigInts: true });
      makeOdd(database);
      const db = new Kysely<Record<string, never>>({ dialect: new SqliteDialect({ database: nodeSqlite(database) }) });
      const clock = fakeClock();
      const store = kyselyStore(db, { now: clock.now });
      return {
        store,
        advance: (ms) => clock.advance(ms),
        async close() {
          await store.close();
          await db.destroy();
        },
      };
    },
    { lacks, title: 'an odd handle, through Kysely' },
  );
});
