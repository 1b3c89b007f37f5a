import { describe, expect, test } from 'vitest';
import { TidingsError } from '../spec/index.ts';
import { outcomeOfError, readOutcome } from './read-outcome.ts';

const to = 'jane@example.com';
const none = {
  outcome: 'unknown',
  reason:
    'The adapter returned no outcome; it must return one of accepted, retry, rejected, badAddress, misconfigured, unknown.',
};

describe('what an adapter returns', () => {
  test.each([
    { outcome: 'accepted', providerId: 'p-1' },
    { outcome: 'accepted', code: '250', refusedCopies: { count: 1, reason: 'no such user' } },
    { outcome: 'retry', reason: 'busy', afterMs: 5000, code: '429', lane: { pauseMs: 5000 } },
    { outcome: 'rejected', reason: 'spam' },
    { outcome: 'badAddress', reason: 'gone' },
    { outcome: 'misconfigured', reason: 'key' },
    { outcome: 'unknown', reason: 'late' },
  ])('%j stays as it is', (outcome) => {
    expect(readOutcome(outcome, to)).toEqual(outcome);
  });

  test.each([undefined, null, 'accepted', 5, {}, [], { outcome: 'sent' }, { outcome: ['accepted'] }])(
    '%j is no outcome, and whether it was sent is unknown',
    (answer) => {
      expect(readOutcome(answer, to)).toEqual(none);
    },
  );

  // What a store would not take would leave a call unrecorded, and lead to a second one.
  test.each<[object, object]>([
    [{ outcome: 'retry' }, { outcome: 'retry', reason: 'no reason was given' }],
    [
      { outcome: 'retry', reason: { a: 1 } },
      { outcome: 'retry', reason: '[object Object]' },
    ],
    [
      { outcome: 'retry', reason: 'a\0b\x1bc' },
      { outcome: 'retry', reason: 'a b c' },
    ],
    [
      { outcome: 'retry', reason: 'cut \ud83d' },
      { outcome: 'retry', reason: 'cut \ufffd' },
    ],
    [
      { outcome: 'retry', reason: 'x', afterMs: Number.NaN },
      { outcome: 'retry', reason: 'x' },
    ],
    [
      { outcome: 'retry', reason: 'x', afterMs: -5 },
      { outcome: 'retry', reason: 'x' },
    ],
    [
      { outcome: 'retry', reason: 'x', afterMs: 1.2 },
      { outcome: 'retry', reason: 'x', afterMs: 2 },
    ],
    [
      { outcome: 'retry', reason: 'x', afterMs: Number.POSITIVE_INFINITY },
      { outcome: 'retry', reason: 'x', afterMs: 30 * 86_400_000 },
    ],
    [
      { outcome: 'accepted', lane: { pauseMs: 0.5 } },
      { outcome: 'accepted', lane: { pauseMs: 1 } },
    ],
    [{ outcome: 'accepted', lane: { pauseMs: 'soon' } }, { outcome: 'accepted' }],
    [
      { outcome: 'accepted', providerId: 42 },
      { outcome: 'accepted', providerId: '42' },
    ],
    [{ outcome: 'accepted', providerId: '' }, { outcome: 'accepted' }],
    [
      { outcome: 'accepted', code: 250 },
      { outcome: 'accepted', code: '250' },
    ],
  ])('%j becomes %j', (answer, outcome) => {
    expect(readOutcome(answer, to)).toEqual(outcome);
  });

  test('is cut to what can be kept', () => {
    const { reason } = readOutcome({ outcome: 'rejected', reason: '😀'.repeat(5000) }, to) as { reason: string };
    expect(reason.length).toBeLessThanOrEqual(1001);
    expect(reason.endsWith('😀…')).toBe(true);
    const accepted = readOutcome({ outcome: 'accepted', providerId: 'å'.repeat(1000) }, to) as { providerId: string };
    expect(Buffer.byteLength(accepted.providerId)).toBeLessThanOrEqual(512);
  });

  test('says nothing of the address, however it is spelled', () => {
    const answer = { outcome: 'badAddress', reason: '550 <Jane@Example.COM> unknown', code: 'jane@example.com' };
    expect(readOutcome(answer, to)).toEqual({
      outcome: 'badAddress',
      reason: '550 <<address>> unknown',
      code: '<address>',
    });
    const special = { outcome: 'rejected', reason: 'no a+b(c)@example.com here' };
    expect(readOutcome(special, 'a+b(c)@example.com')).toMatchObject({ reason: 'no <address> here' });
  });
});

describe('what an adapter throws', () => {
  test.each<[unknown, object]>([
    [new Error('ECONNRESET'), { outcome: 'unknown', reason: 'ECONNRESET' }],
    ['text', { outcome: 'unknown', reason: 'text' }],
    [undefined, { outcome: 'unknown', reason: 'no reason was given' }],
    [
      new TidingsError('PROVIDER_UNAVAILABLE', 'busy', { retryable: true }),
      { outcome: 'retry', reason: 'busy', code: 'PROVIDER_UNAVAILABLE' },
    ],
    [new TidingsError('PROVIDER_REJECTED', 'no'), { outcome: 'rejected', reason: 'no', code: 'PROVIDER_REJECTED' }],
  ])('%s', (error, outcome) => {
    expect(outcomeOfError(error, to)).toEqual(outcome);
  });
});
