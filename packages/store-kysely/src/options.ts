import { TidingsError } from '@tidings/core/spec';
import type { Observe } from './statement.ts';
import type { TransactionBridge, TransactionsOption } from './transaction.ts';

/** What every store of this package takes. */
export interface StoreOptions {
  /** Beginning of the names of all tables. Letters, digits and `_`. Default: `tidings_`. */
  readonly prefix?: string;
  /** Milliseconds since 1970 UTC; used instead of the database's clock. For tests. Default: the database's clock. */
  readonly now?: () => number;
  /**
   * How long deadlocks and locks are waited out before `STORE_BUSY`, and a free connection of a pool before
   * `STORE_UNAVAILABLE`, in ms. Default: 10,000.
   */
  readonly busyBudgetMs?: number;
  /** Foreign keys on tables that are created. They cost a sixth of the speed and find only mistakes of ours. Default: false. */
  readonly foreignKeys?: boolean;
  /** @internal Told of every statement sent. */
  readonly observe?: Observe;
}

/** What a store on a server takes besides. */
export interface ServerStoreOptions extends StoreOptions {
  /** PostgreSQL schema, or MariaDB database, of the tables; it must exist. Default: the connection's own. */
  readonly schema?: string;
  /**
   * How long a batch waits for a lock before it is run again whole, in ms. Default: 250. MariaDB counts whole seconds, so
   * there it is rounded up; MySQL knows no limit for one statement, so there the server's `innodb_lock_wait_timeout`
   * counts. Set for each transaction or statement, never for the session.
   */
  readonly lockTimeoutMs?: number;
  /**
   * How long the server may take to answer a statement, in ms; then it counts as away, and the connection is thrown away. Not for migrations. Default: 60,000.
   */
  readonly answerTimeoutMs?: number;
}

/** Options with every default in place. */
export interface CheckedOptions {
  readonly prefix: string;
  readonly schema: string | null;
  readonly now: (() => number) | null;
  readonly budgetMs: number;
  readonly observe: Observe | null;
  readonly lockTimeoutMs: number;
  readonly answerTimeoutMs: number;
  readonly prepare: boolean;
  readonly foreignKeys: boolean;
}

type AnyOptions = ServerStoreOptions & { readonly prepare?: boolean; readonly transactions?: unknown };

const known = ['prefix', 'now', 'busyBudgetMs', 'foreignKeys', 'transactions', 'observe'];
const identifier = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Checks options at construction; `more` names those this store has besides the common ones. */
export function checkOptions(options: AnyOptions, more: readonly string[]): CheckedOptions {
  for (const name of Object.keys(options)) {
    if (![...known, ...more].includes(name)) {
      throw wrong(
        name,
        `is not an option; there are ${[...known.filter((one) => one !== 'observe'), ...more].join(', ')}`,
      );
    }
  }
  const prefix = options.prefix ?? 'tidings_';
  if (!identifier.test(prefix) || prefix.length > 30) {
    throw wrong('prefix', 'must be 1 to 30 letters, digits and underscores, not beginning with a digit');
  }
  const schema = options.schema ?? null;
  if (schema !== null && (!identifier.test(schema) || schema.length > 60)) {
    throw wrong('schema', 'must be 1 to 60 letters, digits and underscores, not beginning with a digit');
  }
  if (options.now !== undefined && typeof options.now !== 'function') throw wrong('now', 'must be a function');
  const now = options.now;
  return {
    prefix,
    schema,
    now: now ? () => Math.floor(now()) : null,
    budgetMs: duration('busyBudgetMs', options.busyBudgetMs ?? 10_000, 0),
    observe: options.observe ?? null,
    lockTimeoutMs: duration('lockTimeoutMs', options.lockTimeoutMs ?? 250, 1),
    answerTimeoutMs: duration('answerTimeoutMs', options.answerTimeoutMs ?? 60_000, 1),
    prepare: flag('prepare', options.prepare ?? true),
    foreignKeys: flag('foreignKeys', options.foreignKeys ?? false),
  };
}

/** Whose transactions the store takes: those of the option, or its driver's own. */
export function bridgeOf<Tx, Own>(
  { transactions }: TransactionsOption<Tx>,
  own: TransactionBridge<Own>,
): TransactionBridge<Tx> {
  if (transactions === undefined) return own as unknown as TransactionBridge<Tx>;
  const { name, executor } = transactions;
  if (typeof name !== 'string' || typeof executor !== 'function') {
    throw wrong('transactions', 'must be a bridge: an object with a `name` and an `executor` function');
  }
  return transactions;
}

function flag(name: string, value: boolean): boolean {
  if (typeof value !== 'boolean') throw wrong(name, 'must be true or false');
  return value;
}

function duration(name: string, value: number, least: number): number {
  if (!Number.isSafeInteger(value) || value < least || value > 2 ** 31 - 1) {
    throw wrong(name, `must be a whole number of milliseconds from ${least}`);
  }
  return value;
}

function wrong(name: string, why: string): TidingsError {
  return new TidingsError('CONFIGURATION_INVALID', `store.${name} ${why}.`, { path: `store.${name}` });
}
