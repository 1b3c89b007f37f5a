import type * as runtime from '@prisma/client/runtime/client';
import type { Store } from '@tidings/core/spec';
import type { BetterSQLite3Database } from 'drizzle-orm/better-sqlite3';
import type { MySql2Database } from 'drizzle-orm/mysql2';
import type { NodePgDatabase } from 'drizzle-orm/node-postgres';
import type { PostgresJsDatabase } from 'drizzle-orm/postgres-js';
import type { Knex } from 'knex';
import type { Pool, PoolClient } from 'pg';
import type { DataSource, EntityManager, QueryRunner } from 'typeorm';
import { expectTypeOf, test } from 'vitest';
import { drizzleStore, drizzleTransactions } from '../src/drizzle.ts';
import { postgresStore } from '../src/index.ts';
import { knexTransactions } from '../src/knex.ts';
import { prismaStore, prismaTransactions } from '../src/prisma.ts';
import { typeormTransactions } from '../src/typeorm.ts';

/** What `prisma generate` writes, without the models. */
interface PrismaClient {
  $connect(): runtime.Types.Utils.JsPromise<void>;
  $disconnect(): runtime.Types.Utils.JsPromise<void>;
  $on(event: never, callback: never): PrismaClient;
  $extends: object;
  // biome-ignore lint/suspicious/noExplicitAny: as generated
  $queryRawUnsafe<T = unknown>(query: string, ...values: any[]): runtime.Types.Public.PrismaPromise<T>;
  // biome-ignore lint/suspicious/noExplicitAny: as generated
  $executeRawUnsafe(query: string, ...values: any[]): runtime.Types.Public.PrismaPromise<number>;
  // biome-ignore lint/suspicious/noExplicitAny: as generated
  $transaction<P extends runtime.Types.Public.PrismaPromise<any>[]>(
    promises: [...P],
    options?: { isolationLevel?: string },
  ): runtime.Types.Utils.JsPromise<runtime.Types.Utils.UnwrapTuple<P>>;
  $transaction<R>(
    run: (transaction: Omit<PrismaClient, runtime.ITXClientDenyList>) => runtime.Types.Utils.JsPromise<R>,
    options?: { maxWait?: number; timeout?: number; isolationLevel?: string },
  ): runtime.Types.Utils.JsPromise<R>;
}

declare const pool: Pool;
declare const client: PoolClient;
declare const pg: NodePgDatabase<Record<string, never>>;
declare const postgresJs: PostgresJsDatabase;
declare const mysql: MySql2Database;
declare const prisma: PrismaClient;
declare const knex: Knex;
declare const dataSource: DataSource;
declare const queryRunner: QueryRunner;

/** What an engine on the store takes as `transaction`. */
declare function joins<Tx>(store: Store<Tx>): (transaction: Tx) => void;

test('drizzle: the callback gets what the store takes, and nothing else fits', () => {
  const join = joins(drizzleStore(pg));
  pg.transaction(async (tx) => {
    join(tx);
    expectTypeOf(join).parameter(0).toEqualTypeOf<typeof tx>();
    await tx.transaction(async (nested) => join(nested));
  });
  // @ts-expect-error the database is no transaction
  join(pg);
  // @ts-expect-error a pool is no transaction
  join(pool);
  // @ts-expect-error a client of pg is no transaction of Drizzle
  join(client);
  mysql.transaction(async (tx) => joins(drizzleStore(mysql))(tx));
  postgresJs.transaction(async (tx) => joins(drizzleStore(postgresJs))(tx));
  pg.transaction(async (tx) => joins(postgresStore(pool, { transactions: drizzleTransactions(pg) }))(tx));
  drizzleTransactions(pg).begin?.(async (tx) => tx.select());
  // @ts-expect-error a transaction of another database
  pg.transaction(async (tx) => joins(drizzleStore(mysql))(tx));
  // @ts-expect-error SQLite's own transactions cannot wait for anything
  drizzleStore({} as BetterSQLite3Database);
  // @ts-expect-error a pool is no database
  drizzleStore(pool);
});

test('prisma: the callback gets what the store takes, and nothing else fits', () => {
  const join = joins(prismaStore(prisma));
  prisma.$transaction(async (tx) => {
    join(tx);
    await tx.$transaction(async (nested) => join(nested));
  });
  expectTypeOf(join).parameter(0).toExtend<Omit<PrismaClient, runtime.ITXClientDenyList>>();
  // @ts-expect-error a pool is no transaction
  join(pool);
  prisma.$transaction(async (tx) => joins(postgresStore(pool, { transactions: prismaTransactions(prisma) }))(tx));
  // @ts-expect-error a transaction is no client
  prisma.$transaction(async (tx) => prismaStore(tx));
  // @ts-expect-error the client is no transaction
  join(prisma);
});

test('knex: the callback gets what the store takes, and nothing else fits', () => {
  const join = joins(postgresStore(pool, { transactions: knexTransactions(knex) }));
  knex.transaction(async (trx) => {
    join(trx);
    await trx.transaction(async (nested) => join(nested));
  });
  expectTypeOf(join).parameter(0).toEqualTypeOf<Knex.Transaction>();
  // @ts-expect-error the instance is no transaction
  join(knex);
  // @ts-expect-error a pool is no transaction
  join(pool);
});

test('typeorm: managers and query runners are taken, a data source is not', () => {
  const join = joins(postgresStore(pool, { transactions: typeormTransactions(dataSource) }));
  dataSource.transaction(async (manager) => join(manager));
  join(queryRunner);
  expectTypeOf(join).parameter(0).toExtend<EntityManager | { readonly isTransactionActive: boolean }>();
  // @ts-expect-error the data source is no transaction
  join(dataSource);
  // @ts-expect-error a pool is no transaction
  join(pool);
});
