import { type Store, TidingsError } from '@tidings/core/spec';
import { type MysqlTransaction, mysql2Transactions } from './bridges/mysql2-transactions.ts';
import { mysqlDialect } from './dialects/mysql.ts';
import { type MysqlPool, mysqlDriver } from './drivers/mysql-driver.ts';
import { kindOf } from './kind-of.ts';
import { bridgeOf, checkOptions, type ServerStoreOptions } from './options.ts';
import { createStore } from './store.ts';
import type { TransactionsOption } from './transaction.ts';

export type { MysqlTransaction } from './bridges/mysql2-transactions.ts';
export type { MysqlPool } from './drivers/mysql-driver.ts';

/** Options of a MySQL or MariaDB store. */
export interface MysqlStoreOptions extends ServerStoreOptions {
  /** Prepared statements; `false` behind a proxy that does not keep them. Default: true. */
  readonly prepare?: boolean;
}

/** Batches in flight beyond this bring nothing. */
const mostInFlight = 4;

/**
 * A store in MariaDB 10.6 or later, through the host's own pool of `mysql2`, with callbacks or promises, which stays
 * open. `transaction` takes a connection on which one has begun. MySQL 8 should do as well but is untested. Throws
 * `CONFIGURATION_INVALID` for a wrong option.
 */
export function mysqlStore<Tx = MysqlTransaction>(
  pool: MysqlPool,
  options: MysqlStoreOptions & TransactionsOption<Tx> = {},
): Store<Tx> {
  const checked = checkOptions(options, ['schema', 'lockTimeoutMs', 'answerTimeoutMs', 'prepare']);
  if (typeof pool?.getConnection !== 'function') {
    const given = kindOf(pool);
    throw new TidingsError(
      'CONFIGURATION_INVALID',
      `store.pool must be a pool of mysql2, not ${given}. Make one with createPool and give that.`,
      { path: 'store.pool' },
    );
  }
  const dialect = mysqlDialect(checked);
  const capabilities = {
    durable: true,
    shared: true,
    concurrentCommits: Math.min(mostInFlight, connectionLimit(pool)),
    blocking: false,
  };
  const driver = mysqlDriver(dialect, pool, checked);
  return createStore(dialect, driver, capabilities, checked, bridgeOf(options, mysql2Transactions(pool)));
}

/** What the pool was made with; it keeps that to itself in one place or another. */
function connectionLimit(pool: MysqlPool): number {
  const inner = pool as { readonly pool?: unknown; readonly config?: { readonly connectionLimit?: unknown } };
  const config = inner.config ?? (inner.pool as typeof inner | undefined)?.config;
  return typeof config?.connectionLimit === 'number' ? config.connectionLimit : mostInFlight;
}
