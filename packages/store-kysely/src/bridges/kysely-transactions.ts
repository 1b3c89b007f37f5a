import { CompiledQuery, SqliteAdapter, type Transaction } from 'kysely';
import type { RawRow } from '../statement.ts';
import { notTransaction, type TransactionBridge } from '../transaction.ts';

/** The transactions of Kysely. */
export function kyselyTransactions<DB>(
  begin?: TransactionBridge<Transaction<DB>>['begin'],
): TransactionBridge<Transaction<DB>> {
  return {
    name: 'Kysely',
    executor(transaction) {
      if (typeof transaction?.executeQuery !== 'function' || !transaction.isTransaction) {
        throw notTransaction('must be the transaction that Kysely gives, not the instance it came from');
      }
      // the host's plugins would rename columns and parse what is to stay text
      const plain = transaction.withoutPlugins();
      return {
        // which cannot tell by itself without complaining to the host's log
        open: transaction.getExecutor().adapter instanceof SqliteAdapter,
        async query(sql, parameters) {
          return (await plain.executeQuery<RawRow>(CompiledQuery.raw(sql, [...parameters]))).rows;
        },
      };
    },
    ...(begin ? { begin } : {}),
  };
}
