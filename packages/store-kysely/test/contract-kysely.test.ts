import { DatabaseSync } from 'node:sqlite';
import {
  databases,
  fakeClock,
  isolatedMariadb,
  isolatedPostgres,
  isolatedSqlite,
  type StoreSubject,
  testStore,
} from '@tidings/testing';
import { Kysely, MysqlDialect, PostgresDialect, SqliteDialect } from 'kysely';
import { describe } from 'vitest';
import { kyselyStore } from '../src/index.ts';
import { nodeSqlite } from './node-sqlite.ts';

type Database = Record<string, never>;

function subject(db: Kysely<Database>, drop: () => Promise<void>): StoreSubject {
  const clock = fakeClock();
  const store = kyselyStore(db, { now: clock.now });
  return { store, advance: (ms) => clock.advance(ms), close: drop };
}

// the stores made for one driver keep the contract on every database; here the shared way through Kysely is on trial
const factories = {
  async sqlite() {
    const { file, drop } = await isolatedSqlite();
    const database = new DatabaseSync(file, { timeout: 0 });
    database.exec('PRAGMA journal_mode = WAL');
    const db = new Kysely<Database>({ dialect: new SqliteDialect({ database: nodeSqlite(database) }) });
    return subject(db, () => db.destroy().then(drop));
  },
  async postgres() {
    const { pool, drop } = await isolatedPostgres({ max: 6 });
    return subject(new Kysely<Database>({ dialect: new PostgresDialect({ pool }) }), drop);
  },
  async mariadb() {
    const { pool, drop } = await isolatedMariadb({ connectionLimit: 6 });
    return subject(new Kysely<Database>({ dialect: new MysqlDialect({ pool: pool as never }) }), drop);
  },
};

describe.each(databases(['sqlite', 'postgres', 'mariadb']) as readonly (keyof typeof factories)[])('%s', (name) => {
  testStore(factories[name], { lacks: ['reopen'] });
});
