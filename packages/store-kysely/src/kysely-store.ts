import { type Store, TidingsError } from '@tidings/core/spec';
import type { Kysely, Transaction } from 'kysely';
import { kyselyTransactions } from './bridges/kysely-transactions.ts';
import type { Dialect, Naming } from './dialects/dialect.ts';
import { mysqlDialect } from './dialects/mysql.ts';
import { postgresDialect } from './dialects/postgres.ts';
import { sqliteDialect } from './dialects/sqlite.ts';
import { kyselyDriver } from './drivers/kysely-driver.ts';
import { kindOf } from './kind-of.ts';
import { bridgeOf, checkOptions, type ServerStoreOptions } from './options.ts';
import { createStore } from './store.ts';
import type { TransactionsOption } from './transaction.ts';

/** Options of a store on a host's Kysely instance. */
export interface KyselyStoreOptions extends ServerStoreOptions {
  /** Which SQL the instance speaks. Default: told from its adapter; needed where that says nothing known. */
  readonly dialect?: 'sqlite' | 'postgres' | 'mysql';
}

const dialects: Readonly<Record<string, (naming: Naming) => Dialect>> = {
  sqlite: sqliteDialect,
  postgres: postgresDialect,
  mysql: mysqlDialect,
};

/**
 * A store on the host's own Kysely instance, any dialect of SQLite, PostgreSQL or MariaDB. Slower than the stores made for
 * one driver, since nothing is prepared; the instance stays open. `transaction` takes what `db.transaction()` gives. A SQLite driver that waits for locks blocks the event
 * loop: set its busy timeout to 0. Throws `CONFIGURATION_INVALID` for a wrong option.
 */
export function kyselyStore<DB, Tx = Transaction<DB>>(
  db: Kysely<DB>,
  options: KyselyStoreOptions & TransactionsOption<Tx> = {},
): Store<Tx> {
  const { dialect: wanted, ...rest } = options;
  if (typeof db?.connection !== 'function' || db.isTransaction) {
    const given = db?.isTransaction === true ? 'a transaction of one' : kindOf(db);
    throw new TidingsError('CONFIGURATION_INVALID', `store.db must be a Kysely instance, not ${given}.`, {
      path: 'store.db',
    });
  }
  const name = wanted ?? dialectOf(db);
  const make = Object.hasOwn(dialects, name) ? dialects[name] : undefined;
  if (!make) {
    throw new TidingsError(
      'CONFIGURATION_INVALID',
      `store.dialect must be one of ${Object.keys(dialects).join(', ')}; the adapter of this Kysely instance does not tell.`,
      { path: 'store.dialect' },
    );
  }
  const checked = checkOptions(rest, name === 'sqlite' ? [] : ['schema', 'lockTimeoutMs', 'answerTimeoutMs']);
  const dialect = make(checked);
  const embedded = name === 'sqlite';
  return createStore(
    dialect,
    kyselyDriver(dialect, db, checked),
    { durable: true, shared: true, concurrentCommits: embedded ? 1 : 4, blocking: embedded },
    checked,
    bridgeOf(
      options,
      kyselyTransactions<DB>((run) => db.transaction().execute(run)),
    ),
  );
}

/** By what its adapter can do: no two of the three agree in both. */
// biome-ignore lint/suspicious/noExplicitAny: whatever tables the host has
function dialectOf(db: Kysely<any>): string {
  const { adapter } = db.getExecutor();
  if (adapter.supportsOutput === true) return 'unknown';
  if (adapter.supportsReturning) return adapter.supportsTransactionalDdl ? 'postgres' : 'sqlite';
  return adapter.supportsTransactionalDdl ? 'unknown' : 'mysql';
}
