import type { ErrorCode, MessageStatus, Outcome, SuppressionReason } from '../spec/index.ts';
import { type RetrySchedule, retryDelay } from './retry-schedule.ts';

/** What an outcome means for the message. */
export interface Verdict {
  readonly status: MessageStatus;
  /** Ms until the next attempt; null: there is none. */
  readonly retryIn: number | null;
  readonly errorCode: ErrorCode | null;
  readonly error: string | null;
  /** Why the address must not be used again; null: it may. */
  readonly suppress: SuppressionReason | null;
}

/** What an outcome is judged by. */
export interface Judgement {
  /** The attempt it belongs to, 1 for the first. */
  readonly attempt: number;
  /** Attempts allowed in all. */
  readonly attempts: number;
  readonly unknown: 'retry' | 'hold';
  readonly schedule: RetrySchedule;
  /** 0 ≤ x < 1. */
  readonly fraction: number;
}

/** Turns the outcome of an attempt into the message's next status. */
export function judgeOutcome(outcome: Outcome, by: Judgement): Verdict {
  switch (outcome.outcome) {
    case 'accepted':
      return { status: 'sent', retryIn: null, errorCode: null, error: null, suppress: null };
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
    if (by.attempt < by.attempts) {
      const retryIn = retryDelay(by.schedule, by.attempt, by.fraction, afterMs);
      return { status: 'queued', retryIn, errorCode: code, error: reason, suppress: null };
    }
    // Whether the last call sent is not known, so to say it failed would be a guess.
    if (outcome.outcome === 'unknown') return ended('unknown', code, reason);
    return ended(
      'failed',
      'ATTEMPTS_EXHAUSTED',
      `${by.attempts} of ${by.attempts} attempts failed; the last: ${reason}`,
    );
  }
}

function ended(status: MessageStatus, errorCode: ErrorCode, error: string): Verdict {
  return { status, retryIn: null, errorCode, error, suppress: null };
}
