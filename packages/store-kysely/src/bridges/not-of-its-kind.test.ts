import { DatabaseSync } from 'node:sqlite';
import { TidingsError } from '@tidings/core/spec';
import { DummyDriver, Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler } from 'kysely';
import mysql from 'mysql2';
import pg from 'pg';
import { expect, test } from 'vitest';
import { drizzleTransactions } from './drizzle-transactions.ts';
import { knexTransactions } from './knex-transactions.ts';
import { kyselyTransactions } from './kysely-transactions.ts';
import { mysql2Transactions } from './mysql2-transactions.ts';
import { nodeSqliteTransactions } from './node-sqlite-transactions.ts';
import { pgTransactions } from './pg-transactions.ts';
import { prismaTransactions } from './prisma-transactions.ts';
import { typeormTransactions } from './typeorm-transactions.ts';

const bridges = {
  pg: pgTransactions(),
  mysql2: mysql2Transactions(),
  'node:sqlite': nodeSqliteTransactions(),
  Kysely: kyselyTransactions(),
  Drizzle: drizzleTransactions(undefined as never),
  Knex: knexTransactions(undefined as never),
  Prisma: prismaTransactions(undefined as never),
  TypeORM: typeormTransactions(undefined as never),
};

function refusal(bridge: keyof typeof bridges, given: unknown): TidingsError {
  try {
    bridges[bridge].executor(given as never);
  } catch (error) {
    if (TidingsError.is(error, 'VALIDATION_ERROR')) return error;
    throw error;
  }
  throw new Error('It was not refused.');
}

const pgPool = new pg.Pool({ password: 'canary' });
const mysqlPool = mysql.createPool({ host: '127.0.0.1', password: 'canary' });
const kysely = new Kysely({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
});

// The libraries that are not installed for this file are given in the outline that their bridges look at.
const outline = (names: string): object => Object.fromEntries(names.split(' ').map((name) => [name, () => {}]));

test.each<[keyof typeof bridges, unknown, string]>([
  ['pg', pgPool, 'not a pool. Take one with pool.connect()'],
  ['pg', kysely, 'not a Kysely.'],
  ['mysql2', mysqlPool, 'not a pool. Take one with pool.getConnection()'],
  ['mysql2', mysqlPool.promise(), 'not a pool.'],
  ['mysql2', pgPool, 'not a BoundPool.'],
  ['node:sqlite', pgPool, 'not a BoundPool. Send BEGIN IMMEDIATE'],
  ['Kysely', kysely, 'not a Kysely instance that is no transaction. Pass the `trx`'],
  ['Kysely', new DatabaseSync(':memory:'), 'not a DatabaseSync.'],
  ['Drizzle', outline('execute transaction'), 'not the database itself. Pass the `tx`'],
  ['Knex', Object.assign(() => {}, outline('transaction')), 'not the instance itself. Pass the `trx`'],
  ['Prisma', outline('$connect $queryRawUnsafe'), 'not the client itself. Pass the `tx`'],
  ['TypeORM', { manager: {}, ...outline('transaction') }, 'not the DataSource itself. Pass the `manager`'],
  ['TypeORM', outline('transaction'), 'not an EntityManager outside a transaction.'],
  ['TypeORM', { isTransactionActive: false }, 'not a QueryRunner on which none is open.'],
])('%s says what was given, and how to mend it: %o', (bridge, given, expected) => {
  const { message, path } = refusal(bridge, given);
  expect(message).toContain(expected);
  expect(message).not.toContain('canary');
  expect(path).toBe('transaction');
});

test.each(Object.keys(bridges) as (keyof typeof bridges)[])('%s names what is nothing like one', (bridge) => {
  const said = (given: unknown) => / not (.*?)\. /.exec(refusal(bridge, given).message)?.[1];
  expect(said(null)).toBe('null');
  expect(said('canary')).toBe('a string');
  expect(said(() => {})).toBe('a function');
  expect(said({})).toBe('a plain object');
  expect(said(Object.create(null))).toBe('a plain object');
  expect(said([])).toBe('an Array');
  expect(said(new Date(0))).toBe('a Date');
  expect(said(undefined)).toBe('undefined');
});
