import type { MysqlPool } from '../drivers/mysql-driver.ts';
import type { RawRow } from '../statement.ts';
import type { TransactionBridge, TransactionParameter } from '../transaction.ts';
import { notOfItsKind } from './not-of-its-kind.ts';

/** A connection of `mysql2` on which a transaction has begun, with promises or callbacks. */
export interface MysqlTransaction {
  // biome-ignore lint/suspicious/noExplicitAny: has many shapes
  query(...args: any[]): any;
  // biome-ignore lint/suspicious/noExplicitAny: has many shapes
  beginTransaction(...args: any[]): any;
  /** Pools have it: each of their queries may go to another connection. */
  readonly getConnection?: never;
}

interface Promised {
  query(options: object): Promise<[unknown, unknown]>;
}

/** The transactions of `mysql2`: a connection between START TRANSACTION and COMMIT. */
export function mysql2Transactions(pool?: MysqlPool): TransactionBridge<MysqlTransaction> {
  return {
    name: 'mysql2',
    executor(transaction) {
      if (typeof transaction?.beginTransaction !== 'function' || 'getConnection' in transaction) {
        throw notOfItsKind(transaction, {
          must: 'a connection of mysql2 on which a transaction has begun',
          known:
            typeof (transaction as { getConnection?: unknown } | null)?.getConnection === 'function'
              ? 'a pool'
              : undefined,
          mend: 'Take one with pool.getConnection(), call beginTransaction() on it and pass that connection',
        });
      }
      const { promise } = transaction as { promise?: () => Promised };
      const connection = typeof promise === 'function' ? promise.call(transaction) : (transaction as Promised);
      return {
        async query(sql, parameters) {
          const [result] = await connection.query({ ...asGiven, sql, values: parameters.map(plain) });
          return Array.isArray(result) ? (result as readonly RawRow[]) : [];
        },
      };
    },
    ...(pool ? { begin: beginOn(pool) } : {}),
  };
}

// whatever the connection was told to do with rows and values
const asGiven = {
  rowsAsArray: false,
  nestTables: false,
  namedPlaceholders: false,
  typeCast: (_field: unknown, next: () => unknown): unknown => next(),
} as const;

/** The driver writes only its own kind of bytes as bytes. */
const plain = (value: TransactionParameter): unknown => (value instanceof Uint8Array ? Buffer.from(value) : value);

interface PoolConnection extends MysqlTransaction {
  release(): void;
  destroy(): void;
}

function beginOn(pool: MysqlPool): NonNullable<TransactionBridge<MysqlTransaction>['begin']> {
  const promised = (typeof pool.promise === 'function' ? pool.promise() : pool) as {
    getConnection(): Promise<PoolConnection>;
  };
  return async (run) => {
    const connection = await promised.getConnection();
    let broken = false;
    try {
      await connection.query('START TRANSACTION');
      const result = await run(connection);
      await connection.query('COMMIT');
      return result;
    } catch (error) {
      await connection.query('ROLLBACK').catch(() => {
        broken = true;
      });
      throw error;
    } finally {
      if (broken) connection.destroy();
      else connection.release();
    }
  };
}
