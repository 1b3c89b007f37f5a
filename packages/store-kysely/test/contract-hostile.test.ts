import './lighter.ts';
import { DatabaseSync } from 'node:sqlite';
import type { Store } from '@tidings/core/spec';
import { databases, fakeClock, isolatedSqlite, type StoreFactory, testStore } from '@tidings/testing';
import { afterAll, describe, expect } from 'vitest';
import { mysqlStore, postgresStore, type ServerStoreOptions, sqliteStore } from '../src/index.ts';
import {
  type Hostile,
  hostileMariadb,
  hostilePostgres,
  makeOdd,
  oddMysql,
  transactionPooler,
} from './hostile-pools.ts';

const complaints: string[] = [];
afterAll(() => expect(complaints).toEqual([]));

const lacks = ['reopen', 'transaction'] as const;
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
    on(() => hostilePostgres({ pipeline: true } as object, 'serializable'), postgresStore),
    { lacks, title: 'odd parsers and sessions' },
  );
  testStore(
    on(
      () => hostilePostgres({}, 'repeatable read').then(transactionPooler),
      (pool, options) => postgresStore(pool, { ...options, prepare: false }),
    ),
    { lacks, title: 'a transaction pooler' },
  );
});

describe.runIf(hasServer('mariadb'))('mariadb', () => {
  testStore(
    on(() => hostileMariadb(oddMysql), mysqlStore),
    { lacks, title: 'odd values and sessions' },
  );
});

describe.runIf(hasServer('sqlite'))('sqlite', () => {
  testStore(
    async () => {
      const { file, drop } = await isolatedSqlite();
      const database = new DatabaseSync(file, { timeout: 0, readBigInts: true, returnArrays: true });
      makeOdd(database, 'DELETE');
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
});
