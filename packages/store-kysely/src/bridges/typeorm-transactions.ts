import type { RawRow } from '../statement.ts';
import type { TransactionBridge, TransactionExecutor } from '../transaction.ts';
import { notOfItsKind } from './not-of-its-kind.ts';

/** A `QueryRunner` of TypeORM, as far as it is used here. */
export interface TypeormQueryRunner {
  readonly isTransactionActive: boolean;
  query(query: string, parameters: never, useStructuredResult: true): Promise<{ records: readonly unknown[] }>;
}

/** The `EntityManager` that TypeORM gives a transaction. A `DataSource`, which has a `manager`, is none. */
export interface TypeormEntityManager {
  readonly queryRunner?: TypeormQueryRunner;
  readonly manager?: never;
}

/** A transaction of TypeORM. */
export type TypeormTransaction = TypeormEntityManager | TypeormQueryRunner;

/** A `DataSource` of TypeORM, as far as it is used here. */
export interface TypeormDataSource {
  readonly manager: object;
  transaction(...args: never[]): Promise<unknown>;
}

/** Joins transactions of a TypeORM data source: the `EntityManager` of one, or the `QueryRunner` it was begun on. */
export function typeormTransactions<Source extends TypeormDataSource>(
  dataSource: Source,
): TransactionBridge<Source['manager'] | TypeormQueryRunner> {
  return {
    name: 'TypeORM',
    executor(transaction) {
      const runner = queryRunnerOf(transaction);
      if (!runner) {
        throw notOfItsKind(transaction, {
          must: 'the EntityManager that dataSource.transaction() of TypeORM gives, or a QueryRunner on which a transaction is open',
          known: knownOf(transaction),
          mend: 'Pass the `manager` of dataSource.transaction(async (manager) => …), or call startTransaction() on the QueryRunner first',
        });
      }
      return typeormExecutor(runner);
    },
    begin(run) {
      return (dataSource as unknown as Beginner).transaction((manager) => run(manager)) as ReturnType<typeof run>;
    },
  };
}

interface Beginner {
  transaction<R>(run: (manager: object) => Promise<R>): Promise<R>;
}

function typeormExecutor(runner: TypeormQueryRunner): TransactionExecutor {
  return {
    async query(sql, parameters) {
      try {
        return (await runner.query(sql, [...parameters] as never, true)).records as readonly RawRow[];
      } catch (error) {
        throw (error as { readonly driverError?: unknown } | null)?.driverError ?? error;
      }
    },
    connection: runner,
  };
}

function knownOf(given: unknown): string | undefined {
  const own = (given ?? {}) as { isTransactionActive?: unknown; manager?: unknown; transaction?: unknown };
  if (typeof own.isTransactionActive === 'boolean') return 'a QueryRunner on which none is open';
  if (own.manager !== undefined) return 'the DataSource itself';
  return typeof own.transaction === 'function' ? 'an EntityManager outside a transaction' : undefined;
}

function queryRunnerOf(given: unknown): TypeormQueryRunner | undefined {
  const own = (given ?? {}) as Partial<TypeormQueryRunner & TypeormEntityManager>;
  const runner = typeof own.isTransactionActive === 'boolean' ? own : own.queryRunner;
  return runner?.isTransactionActive === true ? (runner as TypeormQueryRunner) : undefined;
}
