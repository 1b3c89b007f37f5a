import type { Store } from '@tidings/core/spec';
import {
  type PrismaClient,
  type PrismaTransaction,
  type PrismaTransactionOf,
  prismaExecutor,
  prismaFailure,
  prismaTransactions,
} from './bridges/prisma-transactions.ts';
import type { Connection, Transactor } from './drivers/transactor-driver.ts';
import { kindOf } from './kind-of.ts';
import { type LibraryStoreOptions, libraryStore, wrong } from './library-store.ts';

/** Options of a store on a host's Prisma client. */
export interface PrismaStoreOptions extends LibraryStoreOptions {}

/** Creating the tables takes longest: so long another process is waited for that does it. */
const longestMs = 60_000;

/** By so much the client's own limits are later than the store's, which say what was the matter. */
const laterMs = 5_000;

/** A timer of more would run out at once. */
const mostMs = 2 ** 31 - 1;

const providers: Readonly<Record<string, 'postgres' | 'mysql'>> = { postgresql: 'postgres', mysql: 'mysql' };

/**
 * A store on the host's own Prisma client, PostgreSQL or MariaDB through a driver adapter, which stays connected;
 * `transaction` takes what `client.$transaction()` gives its callback. Slower than the stores made for one driver. Throws
 * `CONFIGURATION_INVALID` for a wrong option.
 */
export function prismaStore<Client extends PrismaClient>(
  client: Client,
  options: PrismaStoreOptions = {},
): Store<PrismaTransactionOf<Client>> {
  if (typeof client?.$transaction !== 'function' || typeof client.$connect !== 'function') {
    const transaction = typeof client?.$queryRawUnsafe === 'function';
    throw wrong('client', `must be a Prisma client, not ${transaction ? 'a transaction of one' : kindOf(client)}`);
  }
  const provider = (client as { readonly _activeProvider?: unknown })._activeProvider;
  return libraryStore(
    {
      speaks: providers[String(provider)],
      bridge: prismaTransactions(client),
      transactor: (_, checked) => transactorOf(client, checked),
    },
    options,
  );
}

interface Beginner {
  $transaction<R>(run: (transaction: PrismaTransaction) => Promise<R>, options: object): Promise<R>;
}

/** The client ends transactions by the clock, and a wait for a connection too: the store's own limits come first. */
function transactorOf(
  client: PrismaClient,
  { budgetMs, answerTimeoutMs }: { readonly budgetMs: number; readonly answerTimeoutMs: number },
): Transactor {
  const maxWait = Math.min(budgetMs + laterMs, mostMs);
  const timeout = Math.min(Math.max(longestMs, budgetMs, answerTimeoutMs) + laterMs, mostMs);
  return async (mode, run) => {
    const isolationLevel = mode === 'snapshot' ? 'RepeatableRead' : 'ReadCommitted';
    try {
      return await (client as unknown as Beginner).$transaction((transaction) => run(connectionOf(transaction)), {
        isolationLevel,
        timeout,
        maxWait,
      });
    } catch (error) {
      throw prismaFailure(error);
    }
  };
}

function connectionOf(transaction: PrismaTransaction): Connection {
  const { query, change } = prismaExecutor(transaction);
  return { rows: query, change };
}
