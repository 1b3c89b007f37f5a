import { acquireClient } from '../drivers/acquire-client.ts';
import type { PostgresPool } from '../drivers/postgres-driver.ts';
import type { RawRow } from '../statement.ts';
import { notTransaction, type TransactionBridge } from '../transaction.ts';
import { notOfItsKind } from './not-of-its-kind.ts';

/** A client of `pg` on which a transaction has begun. */
export interface PgTransaction {
  // biome-ignore lint/suspicious/noExplicitAny: has many shapes
  query(...args: any[]): any;
  /** Pools have it: each of their queries may go to another connection. */
  readonly totalCount?: never;
}

// whatever parsers the host has set: we read text
const asText = { getTypeParser: () => (value: unknown) => value };

/** The transactions of `pg`: a client between BEGIN and COMMIT. */
export function pgTransactions(pool?: PostgresPool): TransactionBridge<PgTransaction> {
  return {
    name: 'pg',
    executor(transaction) {
      if (!isObject(transaction) || typeof transaction.query !== 'function' || 'totalCount' in transaction) {
        throw notOfItsKind(transaction, {
          must: 'a client of pg inside BEGIN',
          known: isObject(transaction) && 'totalCount' in transaction ? 'a pool' : undefined,
          mend: 'Take one with pool.connect(), send BEGIN on it and pass that client',
        });
      }
      return {
        async query(text, values) {
          const result = (await transaction.query({ text, values: [...values], types: asText })) as {
            readonly rows: readonly RawRow[];
          };
          return result.rows;
        },
      };
    },
    ...(pool ? { begin: beginOn(pool) } : {}),
  };
}

const isObject = (given: unknown): given is object => typeof given === 'object' && given !== null;

interface PoolClient extends PgTransaction {
  on(event: 'error', listener: () => void): void;
  removeListener(event: 'error', listener: () => void): void;
  release(broken?: boolean): void;
}

function beginOn(pool: PostgresPool): NonNullable<TransactionBridge<PgTransaction>['begin']> {
  return async (run) => {
    // a connection lost between two queries fails the next one; without a listener it would end the process
    const client = await acquireClient<PoolClient>(pool, ignore);
    let broken = false;
    try {
      await client.query('BEGIN');
      const result = await run(client);
      // a transaction that failed answers COMMIT with a rollback
      const { command } = (await client.query('COMMIT')) as { readonly command: string };
      if (command !== 'COMMIT') throw notTransaction('was rolled back by the database, since a statement in it failed');
      return result;
    } catch (error) {
      await client.query('ROLLBACK').catch(() => {
        broken = true;
      });
      throw error;
    } finally {
      client.removeListener('error', ignore);
      client.release(broken);
    }
  };
}

function ignore(): void {
  // the next query says it
}
