import type { Store } from '@tidings/core/spec';
import {
  type DrizzleDatabase,
  type DrizzleTransaction,
  type DrizzleTransactionOf,
  drizzleFailure,
  drizzleTransactions,
  executeDrizzle,
  rowsOf,
} from './bridges/drizzle-transactions.ts';
import type { Dialect } from './dialects/dialect.ts';
import type { Connection, Transactor } from './drivers/transactor-driver.ts';
import { kindOf } from './kind-of.ts';
import { type LibraryStoreOptions, libraryStore, wrong } from './library-store.ts';
import type { Begin } from './statement.ts';

/** Options of a store on a host's Drizzle database. */
export interface DrizzleStoreOptions extends LibraryStoreOptions {}

/**
 * A store on the host's own Drizzle database, PostgreSQL or MariaDB, which stays open; `transaction` takes what
 * `db.transaction()` gives. Slower than the stores made for one driver, since nothing is prepared. Throws
 * `CONFIGURATION_INVALID` for a wrong option.
 */
export function drizzleStore<Db extends DrizzleDatabase>(
  db: Db,
  options: DrizzleStoreOptions = {},
): Store<DrizzleTransactionOf<Db>> {
  if (typeof db?.transaction !== 'function' || typeof db.execute !== 'function' || 'rollback' in db) {
    const transaction = typeof db === 'object' && db !== null && 'rollback' in db;
    const given = transaction ? 'a transaction of one' : kindOf(db);
    throw wrong('db', `must be a Drizzle database on PostgreSQL or MySQL, not ${given}`);
  }
  return libraryStore(
    { speaks: dialectOf(db), bridge: drizzleTransactions(db), transactor: (dialect) => transactorOf(db, dialect) },
    options,
  );
}

interface Beginner {
  transaction<R>(run: (transaction: DrizzleTransaction) => Promise<R>, config: object): Promise<R>;
}

function transactorOf(db: DrizzleDatabase, dialect: Dialect): Transactor {
  const snapshot = dialect.name === 'postgres' ? { accessMode: 'read only' } : { withConsistentSnapshot: true };
  const configs: Readonly<Record<Begin['mode'], object>> = {
    write: { isolationLevel: 'read committed' },
    snapshot: { isolationLevel: 'repeatable read', ...snapshot },
  };
  return async (mode, run) => {
    let client: Client | undefined;
    try {
      return await (db as unknown as Beginner).transaction((transaction) => {
        client = clientOf(transaction);
        // a connection lost while it is ours fails the query under way; without a listener it would end the process too
        client?.on?.('error', ignore);
        return run(connectionOf(transaction));
      }, configs[mode]);
    } catch (error) {
      throw drizzleFailure(error);
    } finally {
      client?.removeListener?.('error', ignore);
    }
  };
}

function connectionOf(transaction: DrizzleTransaction): Connection {
  return {
    rows: async (text, params) => rowsOf(await executeDrizzle(transaction, text, params)),
    change: async (text, params) => changesOf(await executeDrizzle(transaction, text, params)),
    throwAway() {
      const client = clientOf(transaction);
      // what cannot be released is of no pool: the host has nothing else to go on with
      if (typeof client?.release !== 'function') return;
      try {
        if (typeof client.destroy === 'function') client.destroy();
        else client.release(true);
      } catch {
        // the library was first
      }
    },
  };
}

/** pg counts rows, postgres.js calls it count, mysql2 gives a header. */
function changesOf(result: unknown): number {
  const { rowCount, count } = result as { readonly rowCount?: unknown; readonly count?: unknown };
  const { affectedRows } = (Array.isArray(result) ? (result[0] ?? {}) : {}) as { readonly affectedRows?: unknown };
  return Number(rowCount ?? count ?? affectedRows ?? 0);
}

interface Client {
  on?(event: 'error', listener: () => void): void;
  removeListener?(event: 'error', listener: () => void): void;
  /** Of a pool of pg: with `true` the connection is not used again. */
  release?(broken: boolean): void;
  /** Of mysql2. */
  destroy?(): void;
}

function clientOf(transaction: DrizzleTransaction): Client | undefined {
  return (transaction as { readonly session?: { readonly client?: Client } }).session?.client;
}

const kinds: Readonly<Record<string, 'postgres' | 'mysql'>> = { PgDatabase: 'postgres', MySqlDatabase: 'mysql' };

/** Drizzle marks its classes, whatever copy of it they come from. */
function dialectOf(db: DrizzleDatabase): 'postgres' | 'mysql' | undefined {
  const { $primary = db } = db as { readonly $primary?: object };
  for (let at = Object.getPrototypeOf($primary); at !== null; at = Object.getPrototypeOf(at)) {
    const kind = kinds[String(at.constructor?.[Symbol.for('drizzle:entityKind')])];
    if (kind) return kind;
  }
  return undefined;
}

function ignore(): void {
  // the query under way says it
}
