import { type Store, TidingsError } from '@tidings/core/spec';
import type { Dialect } from './dialects/dialect.ts';
import { mysqlDialect } from './dialects/mysql.ts';
import { postgresDialect } from './dialects/postgres.ts';
import { type Transactor, transactorDriver } from './drivers/transactor-driver.ts';
import { type CheckedOptions, checkOptions, type ServerStoreOptions } from './options.ts';
import { createStore } from './store.ts';
import type { TransactionBridge } from './transaction.ts';

/** Options of a store on an instance of a host's library. */
export interface LibraryStoreOptions extends ServerStoreOptions {
  /** Which SQL the database speaks. Default: told from the instance; needed where that says nothing known. */
  readonly dialect?: 'postgres' | 'mysql';
}

/** What a store needs of a library. */
interface Library<Tx> {
  /** Which SQL the instance speaks, where it tells. */
  readonly speaks: 'postgres' | 'mysql' | undefined;
  readonly bridge: TransactionBridge<Tx>;
  transactor(dialect: Dialect, options: CheckedOptions): Transactor;
}

/** Batches in flight beyond this bring nothing. */
const mostInFlight = 4;

/** A store whose own transactions are begun and committed by a library, and that joins those of the host. */
export function libraryStore<Tx>(library: Library<Tx>, options: LibraryStoreOptions): Store<Tx> {
  const { dialect: wanted, ...rest } = options;
  const { name } = library.bridge;
  const speaks: string | undefined = wanted ?? library.speaks;
  if (speaks !== 'postgres' && speaks !== 'mysql') {
    throw wrong('dialect', `must be postgres or mysql; this instance of ${name} does not tell which`);
  }
  if ('transactions' in rest)
    throw wrong('transactions', `is not an option here: these are the transactions of ${name}`);
  const checked = checkOptions(rest, ['schema', 'lockTimeoutMs', 'answerTimeoutMs']);
  const dialect = speaks === 'postgres' ? postgresDialect(checked) : mysqlDialect(checked);
  const driver = transactorDriver(dialect, library.transactor(dialect, checked), checked);
  const capabilities = { durable: true, shared: true, concurrentCommits: mostInFlight, blocking: false };
  return createStore(dialect, driver, capabilities, checked, library.bridge);
}

/** The error for an option, or an instance, that will not do. */
export function wrong(name: string, why: string): TidingsError {
  return new TidingsError('CONFIGURATION_INVALID', `store.${name} ${why}.`, { path: `store.${name}` });
}
