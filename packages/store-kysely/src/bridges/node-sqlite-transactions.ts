import type { SqliteHandle } from '../drivers/sqlite-driver.ts';
import type { RawRow } from '../statement.ts';
import { notTransaction, type TransactionBridge } from '../transaction.ts';
import { notOfItsKind } from './not-of-its-kind.ts';

/** The transactions of `node:sqlite`: a handle between BEGIN and COMMIT. */
export function nodeSqliteTransactions(handle?: SqliteHandle): TransactionBridge<SqliteHandle> {
  return {
    name: 'node:sqlite',
    executor(transaction) {
      if (typeof transaction?.prepare !== 'function' || typeof transaction.isTransaction !== 'boolean') {
        throw notOfItsKind(transaction, {
          must: 'a DatabaseSync of node:sqlite on which a transaction has begun',
          mend: 'Send BEGIN IMMEDIATE on a DatabaseSync of the same file and pass that',
        });
      }
      if (!transaction.isTransaction) {
        throw notTransaction('must be open: nothing has begun on this DatabaseSync. Begin first, with BEGIN IMMEDIATE');
      }
      return {
        open: true,
        query(sql, parameters) {
          const statement = transaction.prepare(sql);
          // whatever the handle was told to do with rows
          statement.setReadBigInts(false);
          statement.setReturnArrays?.(false);
          return statement.all(...(parameters as never[])) as RawRow[];
        },
      };
    },
    ...(handle ? { begin: beginOn(handle) } : {}),
  };
}

function beginOn(handle: SqliteHandle): NonNullable<TransactionBridge<SqliteHandle>['begin']> {
  return async (run) => {
    if (handle.isTransaction) throw notTransaction('is open on this DatabaseSync already; a handle has one at a time');
    handle.exec('BEGIN IMMEDIATE');
    try {
      const result = await run(handle);
      handle.exec('COMMIT');
      return result;
    } catch (error) {
      if (handle.isTransaction) handle.exec('ROLLBACK');
      throw error;
    }
  };
}
