import { describe, expect, it } from 'vitest';
import { drizzleStore } from './drizzle-store.ts';
import { type KyselyStoreOptions, kyselyStore, mysqlStore, postgresStore, sqliteStore } from './index.ts';
import { prismaStore } from './prisma-store.ts';

const pool = { connect: async () => ({}), totalCount: 0, options: { max: 2 } };

describe('options', () => {
  it.each([
    ['store.prefix', () => sqliteStore(':memory:', { prefix: 'a b' })],
    ['store.prefix', () => sqliteStore(':memory:', { prefix: 'x'.repeat(31) })],
    ['store.busyBudgetMs', () => sqliteStore(':memory:', { busyBudgetMs: -1 })],
    ['store.schema', () => sqliteStore(':memory:', { schema: 'x' } as never)],
    ['store.path', () => sqliteStore('')],
    ['store.database', () => sqliteStore({ database: {} as never })],
    ['store.schema', () => postgresStore(pool, { schema: 'a"b' })],
    ['store.lockTimeoutMs', () => postgresStore(pool, { lockTimeoutMs: 0 })],
    ['store.pool', () => postgresStore({ connect: async () => ({}) } as never)],
    ['store.pool', () => postgresStore({ ...pool, options: { binary: true } })],
    ['store.prepare', () => postgresStore(pool, { prepare: 1 as never })],
    ['store.pool', () => mysqlStore({} as never)],
    ['store.db', () => kyselyStore({} as never, {} as KyselyStoreOptions)],
  ])('names the path of a wrong one: %s', (path, make) => {
    expect(make).toThrow(expect.objectContaining({ code: 'CONFIGURATION_INVALID', path }));
  });

  it.each([
    [
      'pool',
      'a pool of mysql2, not a string. Make one with createPool and give that',
      () => mysqlStore('mysql://' as never),
    ],
    [
      'pool',
      'a pool of mysql2, not undefined. Make one with createPool and give that',
      () => mysqlStore(undefined as never),
    ],
    [
      'pool',
      'a Pool of pg, not a string. Make one with new Pool(…) and give that',
      () => postgresStore('postgres://' as never),
    ],
    [
      'pool',
      'a Pool of pg, not a single client. Make one with new Pool(…) and give that',
      () => postgresStore({ async connect() {} } as never),
    ],
    ['db', 'a Kysely instance, not a string', () => kyselyStore('x' as never)],
    [
      'db',
      'a Kysely instance, not a transaction of one',
      () => kyselyStore({ connection() {}, isTransaction: true } as never),
    ],
    ['db', 'a Drizzle database on PostgreSQL or MySQL, not a plain object', () => drizzleStore({} as never)],
    [
      'db',
      'a Drizzle database on PostgreSQL or MySQL, not a transaction of one',
      () => drizzleStore({ transaction() {}, execute() {}, rollback() {} } as never),
    ],
    ['client', 'a Prisma client, not a Map', () => prismaStore(new Map() as never)],
    ['client', 'a Prisma client, not a transaction of one', () => prismaStore({ $queryRawUnsafe() {} } as never)],
  ])('says of what will not do as store.%s that it must be %s', (name, must, make) => {
    expect(make).toThrow(expect.objectContaining({ message: `store.${name} must be ${must}.`, path: `store.${name}` }));
  });

  it('says where a file cannot be opened', () => {
    const open = (): unknown => sqliteStore('/nowhere/at/all/tidings.db');
    expect(open).toThrow(expect.objectContaining({ code: 'STORE_UNAVAILABLE', path: 'store.path' }));
  });

  it('takes no more commits in flight than the pool has connections', () => {
    expect(postgresStore(pool).capabilities).toMatchObject({ concurrentCommits: 2, blocking: false });
  });
});
