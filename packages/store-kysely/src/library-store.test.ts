import { drizzle as drizzleMysql } from 'drizzle-orm/mysql2';
import { drizzle } from 'drizzle-orm/node-postgres';
import { withReplicas } from 'drizzle-orm/pg-core';
import { expect, it } from 'vitest';
import { drizzleStore } from './drizzle.ts';
import { type PrismaStoreOptions, prismaStore } from './prisma.ts';

const refused = (path: string): object => ({ code: 'CONFIGURATION_INVALID', path });
const error = (make: () => unknown): unknown => {
  try {
    return make();
  } catch (thrown) {
    return thrown;
  }
};
const postgresClient = { $transaction() {}, $connect() {}, _activeProvider: 'postgresql' } as never;
const client = { $transaction() {}, $connect() {} } as never;

it('tells the SQL of a Drizzle database from its class, that of replicas too', () => {
  const db = drizzle.mock();
  for (const known of [db, withReplicas(db, [db]), drizzleMysql.mock()]) {
    expect(drizzleStore(known).capabilities).toMatchObject({ durable: true, shared: true, blocking: false });
  }
  const unknown = { transaction: async () => {}, execute: async () => {} };
  expect(error(() => drizzleStore(unknown))).toMatchObject(refused('store.dialect'));
  expect(drizzleStore(unknown, { dialect: 'mysql' }).specVersion).toBe(1);
});

it('tells the SQL of a Prisma client from its provider', () => {
  for (const _activeProvider of ['postgresql', 'mysql']) {
    expect(prismaStore(Object.assign(client, { _activeProvider })).specVersion).toBe(1);
  }
  const sqlite = Object.assign(client, { _activeProvider: 'sqlite' });
  expect(error(() => prismaStore(sqlite))).toMatchObject(refused('store.dialect'));
});

it('refuses what is no instance, and options it does not have', () => {
  const db = drizzle.mock();
  for (const wrong of [null, {}, { ...db, execute: db.execute, transaction: db.transaction, rollback: () => {} }]) {
    expect(error(() => drizzleStore(wrong as never))).toMatchObject(refused('store.db'));
    expect(error(() => prismaStore(wrong as never))).toMatchObject(refused('store.client'));
  }
  for (const [name, value] of Object.entries({
    dialect: 'sqlite',
    transactions: {},
    answerTimeoutMs: 0,
    prepare: true,
    nonsense: 1,
  })) {
    expect(error(() => drizzleStore(db, { [name]: value }))).toMatchObject(refused(`store.${name}`));
    expect(error(() => prismaStore(postgresClient, { [name]: value }))).toMatchObject(refused(`store.${name}`));
  }
});

it('tells a Prisma client limits that are later than its own', async () => {
  const told: object[] = [];
  async function limitsOf(options: PrismaStoreOptions): Promise<unknown> {
    const $transaction = async (_: unknown, limits: object): Promise<never> => {
      told.push(limits);
      throw new Error('not now');
    };
    const recording = { $transaction, $connect() {}, _activeProvider: 'postgresql' };
    await prismaStore(recording as never, options)
      .scopeOf(1)
      .catch(() => {});
    return told.pop();
  }
  expect(await limitsOf({})).toMatchObject({ maxWait: 15_000, timeout: 65_000 });
  expect(await limitsOf({ answerTimeoutMs: 90_000 })).toMatchObject({ maxWait: 15_000, timeout: 95_000 });
  expect(await limitsOf({ busyBudgetMs: 80_000 })).toMatchObject({ maxWait: 85_000, timeout: 85_000 });
  const most = 2 ** 31 - 1;
  expect(await limitsOf({ busyBudgetMs: most })).toMatchObject({ maxWait: most, timeout: most });
});
