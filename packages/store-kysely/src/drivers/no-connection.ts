import { TidingsError } from '@tidings/core/spec';

/** The error when no connection came within the budget. */
export function noConnection(budgetMs: number): TidingsError {
  return new TidingsError(
    'STORE_UNAVAILABLE',
    `No connection of the pool was free for ${budgetMs} ms; nothing was written. Inside a transaction of your own give the call \`transaction\`, or it waits for a connection that the transaction holds; otherwise let the pool have more.`,
    { retryable: true, details: { pool: 'exhausted' } },
  );
}
