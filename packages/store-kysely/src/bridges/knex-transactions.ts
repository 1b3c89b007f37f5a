import type { RawRow } from '../statement.ts';
import { notTransaction, type TransactionBridge, type TransactionExecutor } from '../transaction.ts';
import { notOfItsKind } from './not-of-its-kind.ts';

/** A transaction of Knex, as far as it is used here. Only transactions can be completed. */
export interface KnexTransaction {
  readonly client: unknown;
  readonly isTransaction?: boolean;
  isCompleted(): boolean;
  commit(...args: never[]): unknown;
  rollback(...args: never[]): unknown;
}

/** A Knex instance, as far as it is used here. */
export interface KnexInstance {
  readonly client: unknown;
  transaction(...args: never[]): unknown;
}

/** What the callback of `knex.transaction` is given. */
export type KnexTransactionOf<Knex extends KnexInstance> = Parameters<Knex['transaction']>[0] extends
  | ((transaction: infer Tx, ...rest: never[]) => unknown)
  | null
  | undefined
  ? Tx
  : KnexTransaction;

/** Joins transactions of a Knex instance on PostgreSQL or MySQL: the callback's `trx`, nested ones included. */
export function knexTransactions<Knex extends KnexInstance>(knex: Knex): TransactionBridge<KnexTransactionOf<Knex>> {
  return {
    name: 'Knex',
    executor(transaction) {
      if (!isTransaction(transaction)) {
        throw notOfItsKind(transaction, {
          must: 'the `trx` that knex.transaction() gives',
          known:
            typeof (transaction as KnexInstance | null)?.transaction === 'function' ? 'the instance itself' : undefined,
          mend: 'Pass the `trx` of knex.transaction(async (trx) => …)',
        });
      }
      if (transaction.isCompleted()) {
        throw notTransaction('must be open: this one of Knex is completed');
      }
      return knexExecutor(transaction);
    },
    begin(run) {
      return (knex as unknown as Beginner).transaction((transaction) =>
        run(transaction as unknown as KnexTransactionOf<Knex>),
      ) as ReturnType<typeof run>;
    },
  };
}

interface Beginner {
  transaction<R>(run: (transaction: KnexTransaction) => Promise<R>): Promise<R>;
}

interface Client {
  readonly driverName: string;
  /** Inside a transaction it always gives its one connection, and nothing is to be given back. */
  acquireConnection(): Promise<Connection>;
}

interface Connection {
  query(query: { readonly text: string; readonly values: unknown[] }): Promise<{ readonly rows: readonly RawRow[] }>;
  query(
    query: { readonly sql: string; readonly values: unknown[] },
    done: (error: unknown, result: unknown) => void,
  ): unknown;
}

/**
 * Statements on the connection of a transaction. Not through `raw`: it takes question marks only, and what it gives goes
 * through the host's `postProcessResponse`, which may rename columns.
 */
function knexExecutor(transaction: KnexTransaction): TransactionExecutor {
  const client = transaction.client as Client;
  return {
    async query(sql, parameters) {
      const connection = await client.acquireConnection();
      const values = [...parameters];
      if (!client.driverName.startsWith('mysql')) return (await connection.query({ text: sql, values })).rows;
      return new Promise((resolve, reject) => {
        connection.query({ sql, values }, (error, result) => {
          if (error) reject(error);
          else resolve(Array.isArray(result) ? result : []);
        });
      });
    },
  };
}

function isTransaction(given: unknown): given is KnexTransaction {
  const { isTransaction, isCompleted } = (given ?? {}) as Partial<KnexTransaction>;
  return isTransaction === true && typeof isCompleted === 'function';
}
