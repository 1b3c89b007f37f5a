import type { ErrorCode, MessageStatus, Outcome, SuppressionReason } from '../spec/index.ts';
import type { Onward } from './failover.ts';
import { type RetrySchedule, retryDelay } from './retry-schedule.ts';

/** What an outcome means for the message. */
export interface Verdict {
  readonly status: MessageStatus;
  /** Ms until the next attempt; null: there is none. */
  readonly retryIn: number | null;
  /** The adapter that tries next; null: there is none. */
  readonly next: string | null;
  readonly errorCode: ErrorCode | null;
  readonly error: string | null;
  /** Why the address must not be used again; null: it may. */
  readonly suppress: SuppressionReason | null;
}

/** What an outcome is judged by. */
export interface Judgement {
  readonly adapter: string;
  /** Which attempt of the adapter it was, 1 for the first. */
  readonly attempt: number;
  /** Attempts of all adapters so far. */
  readonly attempts: number;
  /** Who tries next when it did not succeed; undefined: every attempt is used up. */
  readonly onward: Onward | undefined;
  readonly unknown: 'retry' | 'hold';
  /** What came of an earlier attempt is not known. */
  readonly mayHaveArrived: boolean;
  readonly schedule: RetrySchedule;
  /** 0 ≤ x < 1. */
  readonly fraction: number;
}

/** Turns the outcome of an attempt into the message's next status. */
export function judgeOutcome(outcome: Outcome, by: Judgement): Verdict {
  switch (outcome.outcome) {
    case 'accepted':
      return { status: 'sent', retryIn: null, next: null, errorCode: null, error: null, suppress: null };
    case 'rejected':
      return ended('failed', 'PROVIDER_REJECTED', outcome.reason);
    case 'badAddress':
      return { ...ended('failed', 'BAD_ADDRESS', outcome.reason), suppress: 'invalid' };
    case 'retry':
      return again('PROVIDER_UNAVAILABLE', outcome.reason, outcome.afterMs);
    case 'misconfigured':
      return again('PROVIDER_MISCONFIGURED', outcome.reason);
    case 'unknown':
      if (by.unknown === 'hold') return ended('unknown', 'PROVIDER_TIMEOUT', outcome.reason);
      return again('PROVIDER_TIMEOUT', outcome.reason);
  }

  function again(code: ErrorCode, reason: string, afterMs = 0): Verdict {
    const { onward } = by;
    if (onward) {
      const queued = {
        status: 'queued',
        next: onward.adapter,
        errorCode: code,
        error: reason,
        suppress: null,
      } as const;
      if (onward.kind === 'failover') return { ...queued, retryIn: 0 };
      // What this provider asked for does not hold up another.
      const atLeast = onward.adapter === by.adapter ? Math.max(afterMs, onward.waitMs) : onward.waitMs;
      return { ...queued, retryIn: retryDelay(by.schedule, by.attempt, by.fraction, atLeast) };
    }
    // Whether one of the calls sent it is not known, so to say it failed would be a guess.
    if (outcome.outcome === 'unknown') return ended('unknown', code, reason);
    if (by.mayHaveArrived) {
      return ended(
        'unknown',
        'ATTEMPTS_EXHAUSTED',
        `None of ${by.attempts} attempts was accepted; the last: ${reason}`,
      );
    }
    return ended(
      'failed',
      'ATTEMPTS_EXHAUSTED',
      `${by.attempts} of ${by.attempts} attempts failed; the last: ${reason}`,
    );
  }
}

function ended(status: MessageStatus, errorCode: ErrorCode, error: string): Verdict {
  return { status, retryIn: null, next: null, errorCode, error, suppress: null };
}
