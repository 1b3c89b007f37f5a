import { describe, expect, test } from 'vitest';
import type { Outcome } from '../spec/index.ts';
import { type Judgement, judgeOutcome } from './judge-outcome.ts';
import { defaultRetrySchedule, retryDelay } from './retry-schedule.ts';

const first: Judgement = {
  adapter: 'a',
  attempt: 1,
  attempts: 1,
  onward: { kind: 'retry', adapter: 'a', waitMs: 0 },
  unknown: 'retry',
  mayHaveArrived: false,
  schedule: defaultRetrySchedule,
  fraction: 0.5,
};
const last: Judgement = { ...first, attempt: 5, attempts: 5, onward: undefined };
const none = { retryIn: null, next: null, suppress: null };

describe('an outcome', () => {
  test.each<[Outcome, object]>([
    [{ outcome: 'accepted' }, { status: 'sent', errorCode: null, error: null, ...none }],
    [
      { outcome: 'rejected', reason: 'no' },
      { status: 'failed', errorCode: 'PROVIDER_REJECTED', error: 'no', ...none },
    ],
    [
      { outcome: 'badAddress', reason: 'gone' },
      { status: 'failed', errorCode: 'BAD_ADDRESS', error: 'gone', retryIn: null, next: null, suppress: 'invalid' },
    ],
    [
      { outcome: 'retry', reason: 'busy' },
      { status: 'queued', errorCode: 'PROVIDER_UNAVAILABLE', error: 'busy', retryIn: 5000, next: 'a', suppress: null },
    ],
    [
      { outcome: 'misconfigured', reason: 'key' },
      { status: 'queued', errorCode: 'PROVIDER_MISCONFIGURED', error: 'key', retryIn: 5000, next: 'a', suppress: null },
    ],
    [
      { outcome: 'unknown', reason: 'late' },
      { status: 'queued', errorCode: 'PROVIDER_TIMEOUT', error: 'late', retryIn: 5000, next: 'a', suppress: null },
    ],
  ])('%j of the first attempt', (outcome, verdict) => {
    expect(judgeOutcome(outcome, first)).toEqual(verdict);
  });

  test.each<[Outcome, string, string, string]>([
    [{ outcome: 'retry', reason: 'busy' }, 'failed', 'ATTEMPTS_EXHAUSTED', '5 of 5 attempts failed; the last: busy'],
    [
      { outcome: 'misconfigured', reason: 'key' },
      'failed',
      'ATTEMPTS_EXHAUSTED',
      '5 of 5 attempts failed; the last: key',
    ],
    // Whether it was sent is not known, and saying that it failed would be a guess.
    [{ outcome: 'unknown', reason: 'late' }, 'unknown', 'PROVIDER_TIMEOUT', 'late'],
  ])('%j of the last attempt', (outcome, status, errorCode, error) => {
    expect(judgeOutcome(outcome, last)).toEqual({ status, errorCode, error, ...none });
  });

  test('ends a message as unknown that an earlier attempt may have sent, unless the provider refuses the message itself', () => {
    const unsure = { ...last, mayHaveArrived: true };
    expect(judgeOutcome({ outcome: 'retry', reason: 'busy' }, unsure)).toEqual({
      status: 'unknown',
      errorCode: 'ATTEMPTS_EXHAUSTED',
      error: 'None of 5 attempts was accepted; the last: busy',
      ...none,
    });
    expect(judgeOutcome({ outcome: 'rejected', reason: 'no' }, unsure).status).toBe('failed');
    expect(judgeOutcome({ outcome: 'badAddress', reason: 'no' }, unsure).status).toBe('failed');
  });

  test('unknown is held where at most once is asked for', () => {
    expect(judgeOutcome({ outcome: 'unknown', reason: 'late' }, { ...first, unknown: 'hold' })).toEqual({
      status: 'unknown',
      errorCode: 'PROVIDER_TIMEOUT',
      error: 'late',
      ...none,
    });
  });

  test('comes again no earlier than the provider asks', () => {
    expect(judgeOutcome({ outcome: 'retry', reason: 'busy', afterMs: 90_000 }, first).retryIn).toBe(90_000);
    expect(judgeOutcome({ outcome: 'retry', reason: 'busy', afterMs: 10 }, first).retryIn).toBe(5000);
  });
});

describe('the schedule', () => {
  test('grows fourfold from 10 s to an hour, with full jitter', () => {
    const longest = [1, 2, 3, 4, 5, 6, 7].map((attempt) => retryDelay(defaultRetrySchedule, attempt, 1));
    expect(longest).toEqual([10_000, 40_000, 160_000, 640_000, 2_560_000, 3_600_000, 3_600_000]);
    expect(retryDelay(defaultRetrySchedule, 3, 0)).toBe(0);
    expect(retryDelay(defaultRetrySchedule, 3, 0.25)).toBe(40_000);
  });

  test('is whole milliseconds, rounded up, and never infinite', () => {
    expect(retryDelay({ baseMs: 10, factor: 1.5, capMs: 1000 }, 2, 0.51)).toBe(8);
    expect(retryDelay(defaultRetrySchedule, 10_000, 1)).toBe(3_600_000);
  });
});

describe('with several adapters', () => {
  test('the next one is tried at once, whatever this one asked for', () => {
    const onward = { kind: 'failover', adapter: 'b' } as const;
    expect(judgeOutcome({ outcome: 'retry', reason: 'busy', afterMs: 60_000 }, { ...first, onward })).toMatchObject({
      status: 'queued',
      next: 'b',
      retryIn: 0,
      errorCode: 'PROVIDER_UNAVAILABLE',
    });
  });

  test('a new round waits by the schedule of the adapter, and for what the one to come asked for', () => {
    const busy: Outcome = { outcome: 'retry', reason: 'busy', afterMs: 60_000 };
    const to = (adapter: string, waitMs: number): Judgement => ({
      ...first,
      attempt: 2,
      attempts: 4,
      onward: { kind: 'retry', adapter, waitMs },
    });
    expect(judgeOutcome(busy, to('b', 0))).toMatchObject({ next: 'b', retryIn: 20_000 });
    expect(judgeOutcome(busy, to('b', 30_000))).toMatchObject({ next: 'b', retryIn: 30_000 });
    expect(judgeOutcome(busy, to('a', 0))).toMatchObject({ next: 'a', retryIn: 60_000 });
    expect(judgeOutcome(busy, to('a', 90_000))).toMatchObject({ next: 'a', retryIn: 90_000 });
  });

  test('an unknown outcome under `hold` ends, whoever is left', () => {
    const onward = { kind: 'failover', adapter: 'b' } as const;
    expect(judgeOutcome({ outcome: 'unknown', reason: 'late' }, { ...first, unknown: 'hold', onward })).toMatchObject({
      status: 'unknown',
      next: null,
    });
  });
});
