import { TidingsError } from '@tidings/core/spec';

/** The error when no connection came within the budget, or within the pool's own. */
export function noConnection(budgetMs: number | undefined, cause?: unknown): TidingsError {
  const waited = budgetMs === undefined ? 'as long as the pool waits' : `for ${budgetMs} ms`;
  return new TidingsError(
    'STORE_UNAVAILABLE',
    `No connection of the pool was free ${waited}; nothing was written. Inside a transaction of your own give the call \`transaction\`, or it waits for a connection that the transaction holds; otherwise let the pool have more.`,
    { retryable: true, details: { pool: 'exhausted' }, ...(cause === undefined ? {} : { cause }) },
  );
}
