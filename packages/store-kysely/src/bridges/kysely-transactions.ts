import { CompiledQuery, SqliteAdapter, type Transaction } from 'kysely';
import type { RawRow } from '../statement.ts';
import type { TransactionBridge } from '../transaction.ts';
import { notOfItsKind } from './not-of-its-kind.ts';

/** The transactions of Kysely. */
export function kyselyTransactions<DB>(
  begin?: TransactionBridge<Transaction<DB>>['begin'],
): TransactionBridge<Transaction<DB>> {
  return {
    name: 'Kysely',
    executor(transaction) {
      if (typeof transaction?.executeQuery !== 'function' || !transaction.isTransaction) {
        throw notOfItsKind(transaction, {
          must: 'the transaction that Kysely gives',
          known:
            typeof transaction?.executeQuery === 'function' ? 'a Kysely instance that is no transaction' : undefined,
          mend: 'Pass the `trx` of db.transaction().execute(async (trx) => …)',
        });
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
