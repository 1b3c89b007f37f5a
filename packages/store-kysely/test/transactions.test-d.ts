import { DatabaseSync } from 'node:sqlite';
import { createEngine, defineEvent } from '@tidings/core';
import type { Kysely, Transaction } from 'kysely';
import type mysql from 'mysql2';
import type { Connection, PoolConnection } from 'mysql2';
import type { PoolConnection as PromiseConnection, Pool as PromisePool } from 'mysql2/promise';
import type pg from 'pg';
import { expectTypeOf, test } from 'vitest';
import { kyselyStore, mysqlStore, type PgTransaction, postgresStore, sqliteStore } from '../src/index.ts';
import type { TransactionBridge } from '../src/transaction.ts';

interface Tables {
  orders: { id: number };
}
const ping = defineEvent({ templates: { email: { en: { subject: 's', text: 't' } } } });
const rest = { adapters: [], events: { ping }, missingAdapter: 'skip' } as const;
const to = 'jane@example.com';
declare const db: Kysely<Tables>;
declare const pool: pg.Pool;
declare const mysqlPool: mysql.Pool;
declare const promisePool: PromisePool;

test('pg: a client and no pool', () => {
  const engine = createEngine({ store: postgresStore(pool), ...rest });
  engine.send('ping', { to, transaction: {} as pg.PoolClient });
  engine.send('ping', { to, transaction: {} as pg.Client });
  engine.send('ping', { to, transaction: 'none' });
  // @ts-expect-error a pool commits for itself
  engine.send('ping', { to, transaction: pool });
  // @ts-expect-error another library's
  engine.send('ping', { to, transaction: {} as Transaction<Tables> });
  // @ts-expect-error another library's
  engine.contacts.upsert({ email: to }, { transaction: new DatabaseSync(':memory:') });
  engine.transaction(async (transaction) => expectTypeOf(transaction).toEqualTypeOf<PgTransaction>());
});

test('mysql2: a connection and no pool', () => {
  const engine = createEngine({ store: mysqlStore(mysqlPool), ...rest });
  engine.send('ping', { to, transaction: {} as PoolConnection });
  engine.send('ping', { to, transaction: {} as Connection });
  engine.send('ping', { to, transaction: {} as PromiseConnection });
  // @ts-expect-error a pool commits for itself
  engine.send('ping', { to, transaction: mysqlPool });
  // @ts-expect-error a pool commits for itself
  engine.send('ping', { to, transaction: promisePool });
});

test('Kysely: a transaction and no instance', () => {
  const engine = createEngine({ store: kyselyStore(db), ...rest });
  engine.send('ping', { to, transaction: {} as Transaction<Tables> });
  // @ts-expect-error the instance commits for itself
  engine.send('ping', { to, transaction: db });
  engine.transaction(async (trx) => expectTypeOf(trx).toEqualTypeOf<Transaction<Tables>>());
});

test('node:sqlite: a handle', () => {
  const engine = createEngine({ store: sqliteStore('shop.db'), ...rest });
  engine.send('ping', { to, transaction: new DatabaseSync(':memory:') });
  // @ts-expect-error a path is no transaction
  engine.send('ping', { to, transaction: 'shop.db' });
});

test('a bridge brings its own', () => {
  const bridge = {} as TransactionBridge<{ readonly mine: true }>;
  const engine = createEngine({ store: postgresStore(pool, { transactions: bridge }), ...rest });
  engine.send('ping', { to, transaction: { mine: true } });
  // @ts-expect-error the driver's own is not taken then
  engine.send('ping', { to, transaction: {} as pg.PoolClient });
});
