import type { RawRow } from '../statement.ts';
import type { TransactionBridge, TransactionExecutor } from '../transaction.ts';
import { notOfItsKind } from './not-of-its-kind.ts';

/** A transaction of Drizzle on PostgreSQL or MySQL, as far as it is used here. Only transactions can `rollback()`. */
export interface DrizzleTransaction {
  execute(...args: never[]): PromiseLike<unknown>;
  rollback(): never;
}

/** A Drizzle database on PostgreSQL or MySQL, as far as it is used here. */
export interface DrizzleDatabase {
  execute(...args: never[]): PromiseLike<unknown>;
  transaction(...args: never[]): Promise<unknown>;
}

/** What the callback of `db.transaction` is given. */
export type DrizzleTransactionOf<Db extends DrizzleDatabase> = Parameters<Db['transaction']>[0] extends (
  transaction: infer Tx,
  ...rest: never[]
) => unknown
  ? Tx
  : DrizzleTransaction;

/** Joins transactions of a Drizzle database on PostgreSQL or MySQL: the callback's `tx`, nested ones included. */
export function drizzleTransactions<Db extends DrizzleDatabase>(db: Db): TransactionBridge<DrizzleTransactionOf<Db>> {
  return {
    name: 'Drizzle',
    executor(transaction) {
      if (!isTransaction(transaction)) {
        throw notOfItsKind(transaction, {
          must: 'the `tx` that db.transaction() of Drizzle gives',
          known:
            typeof (transaction as { transaction?: unknown } | null)?.transaction === 'function'
              ? 'the database itself'
              : undefined,
          mend: 'Pass the `tx` of db.transaction(async (tx) => …)',
        });
      }
      return drizzleExecutor(transaction);
    },
    begin(run) {
      return (db as unknown as Beginner).transaction((transaction) =>
        run(transaction as unknown as DrizzleTransactionOf<Db>),
      ) as ReturnType<typeof run>;
    },
  };
}

interface Beginner {
  transaction<R>(run: (transaction: DrizzleTransaction) => Promise<R>, config?: object): Promise<R>;
}

/** Statements in a transaction of Drizzle. */
export function drizzleExecutor(transaction: DrizzleTransaction): TransactionExecutor {
  const { session } = transaction as { readonly session?: object };
  return {
    query: async (sql, parameters) => rowsOf(await executeDrizzle(transaction, sql, parameters)),
    // a nested transaction is a savepoint on the connection of its outer one, and has its session
    connection: session ?? transaction,
  };
}

/** Sends a text as it is, with its own placeholders; fails with the driver's own error. */
export async function executeDrizzle(
  transaction: DrizzleTransaction,
  sql: string,
  params: readonly unknown[],
): Promise<unknown> {
  // what `sql` makes would number the placeholders itself and take arrays apart
  const query = { getSQL: () => ({ toQuery: () => ({ sql, params: [...params] }) }) };
  try {
    return await transaction.execute(...([query] as unknown[] as never[]));
  } catch (error) {
    throw drizzleFailure(error);
  }
}

/** Every driver gives rows in its own way. */
export function rowsOf(result: unknown): readonly RawRow[] {
  if (!Array.isArray(result)) return (result as { readonly rows?: readonly RawRow[] }).rows ?? [];
  // mysql2 gives rows and fields, or a header and nothing; postgres.js gives rows
  if (Array.isArray(result[0])) return result[0] as readonly RawRow[];
  return result.length === 2 && result[1] === undefined ? [] : result;
}

/** What the driver said: Drizzle's own error has the statement and its values in its message. */
export function drizzleFailure(error: unknown): unknown {
  const { query, cause } = (error ?? {}) as { readonly query?: unknown; readonly cause?: unknown };
  return query !== undefined && cause !== undefined ? cause : error;
}

function isTransaction(given: unknown): given is DrizzleTransaction {
  const { execute, rollback } = (given ?? {}) as Partial<DrizzleTransaction>;
  return typeof execute === 'function' && typeof rollback === 'function';
}
