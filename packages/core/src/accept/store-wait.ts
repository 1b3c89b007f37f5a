import { type Clock, TidingsError, type Timer } from '../spec/index.ts';
import { backOff } from '../toolkit/back-off.ts';
import { isOutcomeUnknown, unsureMs } from '../toolkit/outcome-unknown.ts';

/** Lets callers wait for a store that is away. */
export interface StoreWait {
  /**
   * Runs `attempt`, and again while the store is away and there is time: until `waitMs` have passed, or a little longer
   * when it is not known whether the first one was carried out. Rejects with what the last attempt did.
   */
  run<R>(attempt: () => Promise<R>): Promise<R>;
  /** Ends every wait with `ENGINE_STOPPED`. */
  stop(): void;
}

/** How long callers wait, and how many. */
export interface StoreWaitOptions {
  readonly clock: Clock;
  /** 0: not at all. */
  readonly waitMs: number;
  readonly most: number;
}

interface Waiter {
  /** What a stop leaves it with. */
  readonly leftWith: unknown;
  go(): void;
  fail(error: unknown): void;
}

/** While the store is away one of those who wait asks it, after growing pauses; when it answers, all go on. */
export function createStoreWait({ clock, waitMs, most }: StoreWaitOptions): StoreWait {
  const waiters = new Set<Waiter>();
  let away: unknown;
  let failures = 0;
  let probe: Timer | undefined;
  let probing = false;
  let stopped = false;

  function schedule(): void {
    if (probe || probing || waiters.size === 0) return;
    probe = clock.after(backOff(failures), () => {
      probe = undefined;
      const [first] = waiters;
      if (!first) return;
      probing = true;
      first.go();
    });
  }

  function isBack(): void {
    if (away === undefined) return;
    away = undefined;
    failures = 0;
    probe?.cancel();
    probe = undefined;
    probing = false;
    for (const waiter of [...waiters]) waiter.go();
  }

  function isAway(error: unknown): void {
    // Many fail with one batch; that is one failure.
    if (away === undefined || probing) failures += 1;
    away = error;
    probing = false;
    schedule();
  }

  function turn(until: number, error: unknown, leftWith: unknown): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = clock.after(until - clock.monotonic(), () => waiter.fail(error));
      const leave = (): void => {
        timer.cancel();
        waiters.delete(waiter);
        if (waiters.size > 0) return;
        probe?.cancel();
        probe = undefined;
      };
      const waiter: Waiter = {
        leftWith,
        go() {
          leave();
          resolve();
        },
        fail(reason) {
          leave();
          reject(reason);
        },
      };
      waiters.add(waiter);
      schedule();
    });
  }

  return {
    async run(attempt) {
      let until = clock.monotonic() + waitMs;
      let unsure: unknown;
      if (away !== undefined && waitMs > 0) {
        if (waiters.size >= most) throw tooMany(most, away);
        await turn(until, away, stoppedError());
      }
      for (;;) {
        try {
          const result = await attempt();
          isBack();
          return result;
        } catch (error) {
          if (unsure === undefined && isOutcomeUnknown(error)) {
            unsure = error;
            until = Math.max(until, clock.monotonic() + unsureMs);
          }
          if (!mayPass(error, unsure !== undefined)) {
            isBack();
            throw unsure !== undefined && TidingsError.is(error, 'ENGINE_STOPPED') ? unsure : error;
          }
          isAway(error);
          const failed = unsure ?? error;
          if (stopped || clock.monotonic() >= until) throw failed;
          if (unsure === undefined && waiters.size >= most) throw tooMany(most, error);
          await turn(until, failed, unsure ?? stoppedError());
        }
      }
    },
    stop() {
      stopped = true;
      for (const waiter of [...waiters]) waiter.fail(waiter.leftWith);
    },
  };
}

/** A store that answers `busy` is there; but it has not said what came of the attempt before. */
function mayPass(error: unknown, unsure: boolean): boolean {
  if (unsure && TidingsError.is(error, 'STORE_BUSY')) return true;
  return TidingsError.is(error, 'STORE_UNAVAILABLE') && error.retryable;
}

function stoppedError(): TidingsError {
  return new TidingsError(
    'ENGINE_STOPPED',
    'The engine was stopped while this send waited for the database; nothing was accepted.',
  );
}

function tooMany(most: number, cause: unknown): TidingsError {
  return new TidingsError(
    'STORE_UNAVAILABLE',
    `The database is away and ${most} sends wait for it already, as many as limits.waitingSends allows; nothing was accepted.`,
    { cause, retryable: true, details: { waiting: most } },
  );
}
