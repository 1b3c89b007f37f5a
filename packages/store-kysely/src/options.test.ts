import { describe, expect, it } from 'vitest';
import { type KyselyStoreOptions, kyselyStore, mysqlStore, postgresStore, sqliteStore } from './index.ts';

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

  it('says where a file cannot be opened', () => {
    const open = (): unknown => sqliteStore('/nowhere/at/all/tidings.db');
    expect(open).toThrow(expect.objectContaining({ code: 'STORE_UNAVAILABLE', path: 'store.path' }));
  });

  it('takes no more commits in flight than the pool has connections', () => {
    expect(postgresStore(pool).capabilities).toMatchObject({ concurrentCommits: 2, blocking: false });
  });
});
