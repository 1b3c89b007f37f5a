import { type Store, TidingsError } from '@tidings/core/spec';
import { nodeSqliteTransactions } from './bridges/node-sqlite-transactions.ts';
import { sqliteDialect } from './dialects/sqlite.ts';
import { type SqliteHandle, sqliteDriver } from './drivers/sqlite-driver.ts';
import { bridgeOf, checkOptions, type StoreOptions } from './options.ts';
import { createStore } from './store.ts';
import type { TransactionsOption } from './transaction.ts';

export type { SqliteHandle, SqliteStatement } from './drivers/sqlite-driver.ts';

/** Options of a SQLite store. */
export type SqliteStoreOptions = StoreOptions;

/**
 * A store in a SQLite file, through `node:sqlite`. Several processes may share the file.
 *
 * With a path it opens the file itself (`:memory:` for one that ends with the process): WAL, `synchronous = FULL`, closed
 * by `close()`. With `{ database }` it works on the host's own `DatabaseSync` and leaves its settings and its closing to
 * the host; while the host has a transaction open on it, the store waits. It never blocks the event loop while another
 * process holds the file: it tries again within `busyBudgetMs`, then throws `STORE_BUSY`. `transaction` takes a handle to the
 * same file on which a transaction has begun. Throws `CONFIGURATION_INVALID` for a wrong option and `STORE_UNAVAILABLE` for a file that cannot be opened.
 */
export function sqliteStore<Tx = SqliteHandle>(
  where: string | { readonly database: SqliteHandle },
  options: SqliteStoreOptions & TransactionsOption<Tx> = {},
): Store<Tx> {
  const checked = checkOptions(options, []);
  const owned = typeof where === 'string';
  const database = owned ? openFile(where) : given(where);
  const driver = sqliteDriver(database, {
    owned,
    observe: checked.observe,
    prepare(handle) {
      if (!owned) return;
      // needs the file for itself for a moment, so it is tried again like any other statement
      handle.exec('PRAGMA journal_mode = WAL');
      handle.exec('PRAGMA synchronous = FULL');
      // what a row was before it changed must not outlive an erasure either, which finds only what it is now
      handle.exec('PRAGMA secure_delete = ON');
    },
  });
  const capabilities = { durable: where !== ':memory:', shared: true, concurrentCommits: 1, blocking: true };
  return createStore(
    sqliteDialect(checked),
    driver,
    capabilities,
    checked,
    bridgeOf(options, nodeSqliteTransactions(database)),
  );
}

function given(where: { readonly database: SqliteHandle }): SqliteHandle {
  const database = (where as { readonly database?: SqliteHandle } | null)?.database;
  if (typeof database?.prepare !== 'function' || typeof database.isTransaction !== 'boolean') {
    throw new TidingsError('CONFIGURATION_INVALID', 'store.database must be an open DatabaseSync of node:sqlite.', {
      path: 'store.database',
    });
  }
  return database;
}

function openFile(path: string): SqliteHandle {
  if (path === '') {
    throw new TidingsError('CONFIGURATION_INVALID', 'store.path must name a file, or be `:memory:`.', {
      path: 'store.path',
    });
  }
  // loaded when needed: merely importing node:sqlite prints a warning on some versions of Node
  const { DatabaseSync } = process.getBuiltinModule('node:sqlite');
  try {
    return new DatabaseSync(path, { timeout: 0 });
  } catch (error) {
    throw new TidingsError(
      'STORE_UNAVAILABLE',
      'The SQLite file cannot be opened. Does its directory exist, and may this process write there?',
      { path: 'store.path', cause: error },
    );
  }
}
