import { type Outcome, TidingsError } from '../spec/index.ts';
import { wordsOf } from '../toolkit/words-of.ts';
import { plainReason } from './plain-reason.ts';

const longestPauseMs = 30 * 86_400_000;
const longestId = 512;

/**
 * What an adapter returned, in a form that any store takes: what was called may not be forgotten because its outcome
 * cannot be written. What is no outcome is `unknown`.
 */
export function readOutcome(answer: unknown, address: string | null): Outcome {
  const given = (typeof answer === 'object' && answer !== null ? answer : {}) as Record<string, unknown>;
  const reason = plainReason(given.reason, address);
  const more = detailsOf(given, address);
  switch (given.outcome) {
    case 'accepted': {
      const providerId = idOf(given.providerId);
      return { outcome: 'accepted', ...(providerId === undefined ? {} : { providerId }), ...more };
    }
    case 'retry': {
      const afterMs = msOf(given.afterMs);
      return { outcome: 'retry', reason, ...(afterMs === undefined ? {} : { afterMs }), ...more };
    }
    case 'rejected':
    case 'badAddress':
    case 'misconfigured':
    case 'unknown':
      return { outcome: given.outcome, reason, ...more };
    default:
      return {
        outcome: 'unknown',
        reason:
          'The adapter returned no outcome; it must return one of accepted, retry, rejected, badAddress, misconfigured, unknown.',
      };
  }
}

/**
 * What an adapter threw. Only a `TidingsError` is said on purpose: `retry` or, when another try is of no use, `rejected`.
 * After anything else it may have been sent.
 */
export function outcomeOfError(error: unknown, address: string | null): Outcome {
  const reason = plainReason(error === undefined || error === null ? '' : wordsOf(error), address);
  if (!TidingsError.is(error)) return { outcome: 'unknown', reason };
  return { outcome: error.retryable ? 'retry' : 'rejected', reason, code: error.code };
}

function detailsOf(
  given: Record<string, unknown>,
  address: string | null,
): Pick<Outcome, 'code' | 'lane' | 'refusedCopies'> {
  const { code, lane, refusedCopies: copies } = given;
  const pauseMs = msOf((lane as { pauseMs?: unknown } | undefined)?.pauseMs);
  const { count, reason } = (copies ?? {}) as { count?: unknown; reason?: unknown };
  return {
    ...(typeof code === 'string' || typeof code === 'number' ? { code: plainReason(String(code), address) } : {}),
    ...(pauseMs === undefined ? {} : { lane: { pauseMs } }),
    ...(typeof count === 'number' ? { refusedCopies: { count, reason: plainReason(reason, address) } } : {}),
  };
}

function msOf(value: unknown): number | undefined {
  if (typeof value !== 'number' || !(value >= 0)) return undefined;
  return Math.min(Math.ceil(value), longestPauseMs);
}

function idOf(value: unknown): string | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const text = (String(value) as string & { toWellFormed(): string }).toWellFormed().replaceAll('\0', '');
  if (text === '') return undefined;
  return Buffer.byteLength(text) <= longestId
    ? text
    : Buffer.from(text)
        .subarray(0, longestId - 3)
        .toString();
}
