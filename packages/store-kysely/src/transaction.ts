import { TidingsError } from '@tidings/core/spec';

/** A value as it travels to the database: SQLite takes all of these, the servers take one text or one byte string. */
export type TransactionParameter = string | number | Uint8Array | null;

/** A row, by the names of its columns, values as the library gives them. */
export type TransactionRow = Readonly<Record<string, unknown>>;

/** Runs statements inside one open transaction of the host's. */
export interface TransactionExecutor {
  /**
   * Runs one statement on the transaction's own connection and gives its rows; none for a statement that has none.
   * Placeholders are `$1` on PostgreSQL and `?` elsewhere. Throws the driver's own error, or one that has it as `cause`.
   */
  query(
    sql: string,
    parameters: readonly TransactionParameter[],
  ): Promise<readonly TransactionRow[]> | readonly TransactionRow[];
  /**
   * What stands for the connection: calls on the same one run one after the other. Default: the transaction given.
   */
  readonly connection?: object;
  /** True: the library itself has made sure that a transaction is open. Default: false, the store finds out. */
  readonly open?: boolean;
}

/** How a store gets inside the transactions of a library. */
export interface TransactionBridge<Tx> {
  /** The library, for error messages. */
  readonly name: string;
  /** Throws `VALIDATION_ERROR` (see {@link notTransaction}) for what is no open transaction; must send nothing. */
  executor(transaction: Tx): TransactionExecutor;
  /** Begins a transaction, runs `run` in it, commits; rolls back when it throws. Left out: the engine begins none. */
  begin?<R>(run: (transaction: Tx) => Promise<R>): Promise<R>;
}

/** An option of stores that take transactions. */
export interface TransactionsOption<Tx> {
  /** Whose transactions `transaction` takes. Default: those of the store's own driver. */
  readonly transactions?: TransactionBridge<Tx>;
}

/** The error for a `transaction` that cannot be used; `why` goes on after "transaction". */
export function notTransaction(why: string, cause?: unknown): TidingsError {
  return new TidingsError('VALIDATION_ERROR', `transaction ${why}.`, { path: 'transaction', cause });
}
