import { type Store, TidingsError } from '@tidings/core/spec';
import { type PgTransaction, pgTransactions } from './bridges/pg-transactions.ts';
import { postgresDialect } from './dialects/postgres.ts';
import { type PostgresPool, postgresDriver } from './drivers/postgres-driver.ts';
import { kindOf } from './kind-of.ts';
import { bridgeOf, checkOptions, type ServerStoreOptions } from './options.ts';
import { createStore } from './store.ts';
import type { TransactionsOption } from './transaction.ts';

export type { PgTransaction } from './bridges/pg-transactions.ts';
export type { PostgresPool } from './drivers/postgres-driver.ts';

/** Options of a PostgreSQL store. */
export interface PostgresStoreOptions extends ServerStoreOptions {
  /** Prepared statements; `false` behind a pooler that does not keep them. Default: true. */
  readonly prepare?: boolean;
}

/** Batches in flight beyond this bring nothing. */
const mostInFlight = 4;

/**
 * A store in PostgreSQL 14 or later, through the host's own `Pool` of `pg`, which stays open. Connections are held for
 * one transaction each and keep no session state; a pool made with `pipeline: true` saves round trips. `transaction` takes a
 * client of `pg` inside BEGIN. Throws `CONFIGURATION_INVALID` for a wrong option.
 */
export function postgresStore<Tx = PgTransaction>(
  pool: PostgresPool,
  options: PostgresStoreOptions & TransactionsOption<Tx> = {},
): Store<Tx> {
  const checked = checkOptions(options, ['schema', 'lockTimeoutMs', 'answerTimeoutMs', 'prepare']);
  if (typeof pool?.connect !== 'function' || typeof pool.totalCount !== 'number') {
    const given = typeof pool?.connect === 'function' ? 'a single client' : kindOf(pool);
    throw new TidingsError(
      'CONFIGURATION_INVALID',
      `store.pool must be a Pool of pg, not ${given}. Make one with new Pool(…) and give that.`,
      { path: 'store.pool' },
    );
  }
  if (pool.options?.binary === true) {
    throw new TidingsError(
      'CONFIGURATION_INVALID',
      'store.pool was made with `binary: true`, which does not give every value intact; leave that out.',
      { path: 'store.pool' },
    );
  }
  const dialect = postgresDialect(checked);
  const driver = postgresDriver(dialect, pool, checked);
  const capabilities = {
    durable: true,
    shared: true,
    concurrentCommits: Math.min(mostInFlight, pool.options?.max ?? mostInFlight),
    blocking: false,
  };
  return createStore(dialect, driver, capabilities, checked, bridgeOf(options, pgTransactions(pool)));
}
