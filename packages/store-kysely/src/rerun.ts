import { TidingsError } from '@tidings/core/spec';
import { judgeFailure } from './driver-errors.ts';
import { BrieflyBusy } from './statement.ts';

/** How long to go on. */
export interface Patience {
  /** Runs before a lost race is given up. */
  readonly attempts: number;
  /** How long deadlocks and locks are waited out, in ms. */
  readonly budgetMs: number;
  /** The same for those of whom it is known that they do not make the tables, in ms. */
  readonly briefMs: number;
  /** What to throw at once for a failure that would otherwise be run again; undefined: nothing. Default: nothing. */
  giveUp?(error: unknown): TidingsError | undefined;
  /** The store was closed meanwhile: what waits is given up. */
  isClosed(): boolean;
}

/** An error of core's own, from inside its decision: it ends the transaction and goes out as it is. */
export class Thrown extends Error {
  readonly error: unknown;

  constructor(error: unknown) {
    super('Core threw while deciding.');
    this.error = error;
  }
}

/** The gates a transaction began with were not enough: it begins again, with more. */
export class WrongGates extends Error {}

const longestPauseMs = 50;

/** Runs a transaction until it commits, pausing a little and at random after each failure that may pass. */
export async function rerun<R>(run: () => Promise<R>, patience: Patience): Promise<R> {
  const started = performance.now();
  let conflicts = 0;
  for (let runs = 1; ; runs += 1) {
    try {
      return await run();
    } catch (error) {
      if (error instanceof Thrown) throw error.error;
      if (error instanceof WrongGates) continue;
      const failure = judgeFailure(error);
      if (failure === 'conflict') {
        conflicts += 1;
        if (conflicts >= patience.attempts) {
          throw new TidingsError(
            'STORE_CONFLICT',
            `The transaction lost a race ${conflicts} times; nothing was written.`,
            {
              cause: error,
              retryable: true,
              details: { attempts: conflicts },
            },
          );
        }
      } else if (failure === 'again') {
        const given = patience.giveUp?.(error);
        if (given) throw given;
        const budgetMs = error instanceof BrieflyBusy ? patience.briefMs : patience.budgetMs;
        if (performance.now() - started >= budgetMs) {
          throw new TidingsError(
            'STORE_BUSY',
            `The database stayed locked for ${budgetMs} ms; nothing was written. Look for a transaction left open; a call made inside one of your own needs to be given \`transaction\`.`,
            { cause: error, retryable: true },
          );
        }
      } else throw failure;
      if (patience.isClosed()) throw closedStore(error);
    }
    await pause(Math.min(longestPauseMs, 2 ** runs) * Math.random());
  }
}

/** What is thrown by a store that is closed. */
export const closedStore = (cause?: unknown): TidingsError =>
  new TidingsError('STORE_UNAVAILABLE', 'The store is closed; make a new one to go on.', { cause });

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
