import './lighter.ts';
import { DatabaseSync } from 'node:sqlite';
import {
  databases,
  fakeClock,
  type HostTransaction,
  isolatedSqlite,
  type StoreSubject,
  testStore,
} from '@tidings/testing';
import { Kysely, MysqlDialect, PostgresDialect, SqliteDialect, sql } from 'kysely';
import { describe } from 'vitest';
import { type KyselyStoreOptions, kyselyStore } from '../src/index.ts';
import { kyselyHost } from './host-transactions.ts';
import { bigIntegers, hostileMariadb, hostilePostgres, makeOdd } from './hostile-pools.ts';
import { nodeSqlite } from './node-sqlite.ts';

type Database = Record<string, never>;

function subject(
  db: Kysely<Database>,
  drop: () => Promise<void>,
  options: KyselyStoreOptions = {},
  alone = false,
): StoreSubject {
  const clock = fakeClock();
  const store = kyselyStore(db, { ...options, now: clock.now });
  const table = options.schema === undefined ? 'host_notes' : `${options.schema}.host_notes`;
  const raw = async (on: Kysely<Database>, text: string): Promise<{ text: string }[]> => {
    const { rows } = await sql.raw<{ text: string }>(text).execute(on);
    return rows;
  };
  const begin = (): Promise<HostTransaction> => kyselyHost(db, raw, { alone, table });
  return { store, advance: (ms) => clock.advance(ms), begin, close: drop };
}

// The stores made for one driver keep the contract on every database; here the shared way through Kysely is on trial, with
// what hosts do to whole numbers, and odd sessions.
const factories = {
  async sqlite() {
    const { file, drop } = await isolatedSqlite();
    const database = new DatabaseSync(file, { timeout: 0, readBigInts: true });
    makeOdd(database, 'WAL');
    const db = new Kysely<Database>({ dialect: new SqliteDialect({ database: nodeSqlite(database) }) });
    return subject(db, () => db.destroy().then(drop), {}, true);
  },
  async postgres() {
    const { pool, schema, drop } = await hostilePostgres({ types: bigIntegers as never }, 'repeatable read');
    return subject(new Kysely<Database>({ dialect: new PostgresDialect({ pool }) }), drop, { schema });
  },
  async mariadb() {
    const { pool, schema, drop } = await hostileMariadb({ dateStrings: true, flags: ['-FOUND_ROWS'] });
    return subject(new Kysely<Database>({ dialect: new MysqlDialect({ pool: pool as never }) }), drop, { schema });
  },
};

describe.each(databases(['sqlite', 'postgres', 'mariadb']) as readonly (keyof typeof factories)[])('%s', (name) => {
  testStore(factories[name], { lacks: ['reopen'] });
});
