import type { RawRow } from '../statement.ts';
import { notTransaction, type TransactionBridge } from '../transaction.ts';
import { notOfItsKind } from './not-of-its-kind.ts';

/** What an interactive transaction of Prisma is used for here. Only the client itself has `$connect`. */
export interface PrismaTransaction {
  $queryRawUnsafe(query: string, ...values: never[]): PromiseLike<unknown>;
  $executeRawUnsafe(query: string, ...values: never[]): PromiseLike<number>;
  readonly $connect?: never;
}

/** A Prisma client with a driver adapter, as far as it is used here. */
export interface PrismaClient {
  $queryRawUnsafe(query: string, ...values: never[]): PromiseLike<unknown>;
  $executeRawUnsafe(query: string, ...values: never[]): PromiseLike<number>;
  $transaction(...args: never[]): Promise<unknown>;
  $connect(): Promise<void>;
}

/** What the callback of `client.$transaction` is given, and not the client, which has everything that has too. */
export type PrismaTransactionOf<Client extends PrismaClient> = Parameters<Client['$transaction']>[0] extends (
  transaction: infer Tx,
  ...rest: never[]
) => unknown
  ? Tx & Pick<PrismaTransaction, '$connect'>
  : PrismaTransaction;

/** Joins interactive transactions of a Prisma client: the callback's `tx`, nested ones included. */
export function prismaTransactions<Client extends PrismaClient>(
  client: Client,
): TransactionBridge<PrismaTransactionOf<Client>> {
  return {
    name: 'Prisma',
    executor(transaction) {
      if (!isTransaction(transaction)) {
        throw notOfItsKind(transaction, {
          must: 'the `tx` that client.$transaction() of Prisma gives its callback',
          known:
            typeof (transaction as { $connect?: unknown } | null)?.$connect === 'function'
              ? 'the client itself'
              : undefined,
          mend: 'Pass the `tx` of client.$transaction(async (tx) => …), not a list of queries',
        });
      }
      const { query } = prismaExecutor(transaction);
      return {
        async query(sql, parameters) {
          try {
            return await query(sql, parameters);
          } catch (error) {
            throw hasEnded(error)
              ? notTransaction('must be open: Prisma has ended this one, or its timeout has', error)
              : error;
          }
        },
      };
    },
    begin(run) {
      return (client as unknown as Beginner).$transaction((transaction) =>
        run(transaction as unknown as PrismaTransactionOf<Client>),
      ) as ReturnType<typeof run>;
    },
  };
}

interface Beginner {
  $transaction<R>(run: (transaction: PrismaTransaction) => Promise<R>): Promise<R>;
}

/** Statements in an interactive transaction of Prisma; they fail as those of a driver do. */
export function prismaExecutor(transaction: PrismaTransaction): {
  query(sql: string, parameters: readonly unknown[]): Promise<readonly RawRow[]>;
  change(sql: string, parameters: readonly unknown[]): Promise<number>;
} {
  return {
    query: (sql, parameters) => failingPlainly(transaction.$queryRawUnsafe(sql, ...(parameters as never[]))),
    change: (sql, parameters) => failingPlainly(transaction.$executeRawUnsafe(sql, ...(parameters as never[]))),
  };
}

async function failingPlainly<R>(sent: PromiseLike<unknown>): Promise<R> {
  try {
    return (await sent) as R;
  } catch (error) {
    throw prismaFailure(error);
  }
}

interface ClientError extends Error {
  readonly code?: unknown;
  readonly meta?: { readonly driverAdapterError?: unknown };
}

/**
 * What the database said, as its driver would have thrown it: the client's own error keeps the SQLSTATE deep inside, and
 * the number of MySQL as a text.
 */
export function prismaFailure(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { code, meta, message } = error as ClientError;
  const { kind, originalCode } = adapterFailure(error) ?? adapterFailure(meta?.driverAdapterError) ?? {};
  const found = codeOf(originalCode) ?? codesOfKinds[String(kind)] ?? codesOfClient[String(code)];
  // the client's codes look like SQLSTATEs: an error with one must not be found below ours
  if (typeof found === 'string') {
    const driver = /^\d{4}$/.test(found) ? { errno: Number(found) } : { code: found };
    return Object.assign(new Error(message), driver, { clientCode: code });
  }
  return isClientCode(code) ? Object.assign(new Error(message), { clientCode: code }) : error;
}

/** The driver for MariaDB numbers what befalls its connections from 45,000. */
const codeOf = (code: unknown): unknown => (typeof code === 'string' && /^450\d\d$/.test(code) ? 'ECONNRESET' : code);

interface AdapterFailure {
  readonly kind?: unknown;
  readonly originalCode?: unknown;
}

function adapterFailure(error: unknown): AdapterFailure | undefined {
  const { cause } = (error ?? {}) as { readonly cause?: unknown };
  return typeof cause === 'object' && cause !== null && 'kind' in cause ? cause : undefined;
}

const isClientCode = (code: unknown): boolean => typeof code === 'string' && /^P\d{4}$/.test(code);

const hasEnded = (error: unknown): boolean => (error as { readonly clientCode?: unknown }).clientCode === 'P2028';

const codesOfKinds: Readonly<Record<string, string>> = {
  DatabaseNotReachable: 'ECONNREFUSED',
  ConnectionClosed: 'ECONNRESET',
  SocketTimeout: 'ETIMEDOUT',
  TooManyConnections: '53300',
  TransactionWriteConflict: '40001',
};

const codesOfClient: Readonly<Record<string, string>> = {
  // the server cannot be reached, did not answer, closed the connection, takes no more
  P1001: 'ECONNREFUSED',
  P1002: 'ETIMEDOUT',
  P1008: 'ETIMEDOUT',
  P1017: 'ECONNRESET',
  P2037: '53300',
  // no connection became free, or the transaction outlived its time
  P2024: 'ETIMEDOUT',
  P2028: 'ETIMEDOUT',
  // at COMMIT
  P2034: '40001',
};

function isTransaction(given: unknown): given is PrismaTransaction {
  const { $queryRawUnsafe, $connect } = (given ?? {}) as Partial<PrismaClient>;
  return typeof $queryRawUnsafe === 'function' && $connect === undefined;
}
