import { DatabaseSync } from 'node:sqlite';
import type { Store } from '@tidings/core/spec';
import {
  type DatabaseName,
  type HostTransaction,
  isolatedMariadb,
  isolatedPostgres,
  isolatedSqlite,
} from '@tidings/testing';
import { Kysely, PostgresDialect, sql } from 'kysely';
import postgres, { type Sql } from 'postgres';
import { kyselyStore, mysqlStore, postgresStore, type StoreOptions, sqliteStore } from '../src/index.ts';
import type { TransactionBridge } from '../src/transaction.ts';
import { kyselyHost, mysqlHost, pgHost, postgresJsHost, sqliteHost } from './host-transactions.ts';

/** A database with a store for any host's transaction, and that host. */
export interface TransactionPlace {
  // biome-ignore lint/suspicious/noExplicitAny: each has transactions of its own kind
  readonly store: Store<any>;
  /** `begin` of a server may say more than BEGIN. */
  begin(isolation?: 'REPEATABLE READ' | 'SERIALIZABLE' | 'READ COMMITTED'): Promise<HostTransaction>;
  query(text: string): Promise<readonly unknown[]>;
  drop(): Promise<void>;
}

interface Size {
  readonly connections?: number;
}

interface Kind {
  readonly on: DatabaseName;
  /** The host has connections of its own, none of the store's pool. */
  readonly apart?: boolean;
  open(options?: StoreOptions, size?: Size): Promise<TransactionPlace>;
}

/** Where the store and its host share a database, by the driver of the host. */
export const transactionPlaces: Readonly<Record<string, Kind>> = {
  pg: {
    on: 'postgres',
    async open(options, { connections = 10 } = {}) {
      const { pool, drop } = await isolatedPostgres({ max: connections });
      return {
        store: postgresStore(pool, options),
        begin: (isolation) => pgHost(pool, isolation && `BEGIN ISOLATION LEVEL ${isolation}`),
        query: async (text) => (await pool.query(text)).rows,
        drop,
      };
    },
  },
  'mysql2 with promises': {
    on: 'mariadb',
    async open(options, { connections = 10 } = {}) {
      const { pool, drop } = await isolatedMariadb({ connectionLimit: connections });
      return {
        store: mysqlStore(pool, options),
        begin: (isolation) => mysqlHost(pool, 'promise', isolation),
        query: async (text) => (await pool.promise().query(text))[0] as unknown[],
        drop,
      };
    },
  },
  'mysql2 with callbacks': {
    on: 'mariadb',
    async open(options, { connections = 10 } = {}) {
      const { pool, drop } = await isolatedMariadb({ connectionLimit: connections });
      return {
        store: mysqlStore(pool.promise() as never, options),
        begin: (isolation) => mysqlHost(pool, 'callback', isolation),
        query: async (text) => (await pool.promise().query(text))[0] as unknown[],
        drop,
      };
    },
  },
  Kysely: {
    on: 'postgres',
    async open(options, { connections = 10 } = {}) {
      const { pool, drop } = await isolatedPostgres({ max: connections });
      const db = new Kysely<Record<string, never>>({ dialect: new PostgresDialect({ pool }) });
      const raw = async (on: typeof db, text: string): Promise<{ text: string }[]> =>
        (await sql.raw<{ text: string }>(text).execute(on)).rows;
      return {
        store: kyselyStore(db, options),
        begin: (isolation) => kyselyHost(db, raw, { alone: false, table: 'host_notes', isolation }),
        query: (text) => raw(db, text),
        drop,
      };
    },
  },
  'postgres.js, through an executor of one’s own': {
    on: 'postgres',
    apart: true,
    async open(options, { connections = 10 } = {}) {
      const { pool, url, schema, drop } = await isolatedPostgres({ max: connections });
      const client = postgres(url, { max: 4, connection: { search_path: schema }, onnotice: () => {} });
      return {
        store: postgresStore(pool, { ...options, transactions: postgresJs(client) }),
        begin: (isolation) => postgresJsHost(client, isolation && `BEGIN ISOLATION LEVEL ${isolation}`),
        query: async (text) => (await pool.query(text)).rows,
        drop: () => client.end().then(drop),
      };
    },
  },
  'node:sqlite on a handle of its own': {
    on: 'sqlite',
    async open(options) {
      const { file, drop } = await isolatedSqlite();
      const reader = new DatabaseSync(file);
      return {
        store: sqliteStore(file, options),
        begin: () => sqliteHost(file),
        query: async (text) => reader.prepare(text).all(),
        drop: async () => {
          reader.close();
          await drop();
        },
      };
    },
  },
  "node:sqlite on the store's handle": {
    on: 'sqlite',
    async open(options) {
      const { file, drop } = await isolatedSqlite();
      const database = new DatabaseSync(file, { timeout: 0 });
      database.exec('PRAGMA journal_mode = WAL');
      return {
        store: sqliteStore({ database }, options),
        begin: () => sqliteHost(file, database),
        query: async (text) => database.prepare(text).all(),
        drop: async () => {
          database.close();
          await drop();
        },
      };
    },
  },
};

/** It asks the server for the types of parameters and turns each value into its own notion of that type. */
const postgresJs = (client: Sql): TransactionBridge<Sql> => ({
  name: 'postgres.js',
  executor: (transaction) => ({ query: (text, parameters) => transaction.unsafe(text, [...parameters]) }),
  begin: async (run) => (await client.begin((transaction) => run(transaction))) as never,
});

/** All that is stored, table by table. */
export async function everyRow({ query }: TransactionPlace): Promise<Readonly<Record<string, unknown>>> {
  const rows: Record<string, unknown> = {};
  const names = ['contacts', 'identifiers', 'notifications', 'messages', 'contents', 'idempotency', 'suppressions'];
  for (const name of [...names, 'broadcasts', 'lanes', 'scopes']) {
    rows[name] = JSON.parse(JSON.stringify(await query(`SELECT * FROM tidings_${name} ORDER BY 1, 2`)));
  }
  return rows;
}
