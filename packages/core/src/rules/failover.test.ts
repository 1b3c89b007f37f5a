import { describe, expect, test } from 'vitest';
import type { TimelineEntry } from '../spec/index.ts';
import { type Candidate, type Onward, onwardFrom, preferred, triesOf } from './failover.ts';

const tried = (adapter: string, outcome: string, more: Partial<TimelineEntry> = {}): TimelineEntry => ({
  event: 'attempt',
  adapter,
  outcome,
  ...more,
});
const retry: TimelineEntry = { event: 'retry' };

describe('what a timeline says of an adapter', () => {
  const never = { count: 0, thisRound: false, notBefore: 0 };
  test.each<[string, TimelineEntry[], object]>([
    ['nothing', [{ event: 'queued' }], never],
    ['one attempt', [tried('a', 'retry')], { count: 1, thisRound: true, notBefore: 0 }],
    ['that of another', [tried('b', 'retry')], never],
    [
      'a failover',
      [tried('a', 'retry'), { event: 'failover', adapter: 'b' }, tried('b', 'retry')],
      { count: 1, thisRound: true, notBefore: 0 },
    ],
    ['a new round', [tried('a', 'retry'), tried('b', 'retry'), retry], { count: 1, thisRound: false, notBefore: 0 }],
    [
      'a second round',
      [tried('a', 'retry'), retry, tried('a', 'misconfigured')],
      { count: 2, thisRound: true, notBefore: 0 },
    ],
    [
      'an unknown outcome, which ends no round',
      [tried('a', 'retry'), tried('b', 'unknown'), retry],
      { count: 1, thisRound: true, notBefore: 0 },
    ],
    ['a lost call, which has no retry entry', [tried('a', 'unknown')], { count: 1, thisRound: true, notBefore: 0 }],
    [
      'what the provider asked for',
      [tried('a', 'retry', { afterMs: 500, at: 1000 }), retry],
      { count: 1, thisRound: false, notBefore: 1500 },
    ],
  ])('%s', (_, timeline, tries) => {
    expect(triesOf(timeline)('a')).toEqual(tries);
  });
});

describe('who tries next', () => {
  const candidate = (adapter: string, given: Partial<Candidate> = {}): Candidate => ({
    adapter,
    attempts: 5,
    count: 0,
    thisRound: false,
    notBefore: 0,
    available: true,
    ...given,
  });
  const just = { count: 1, thisRound: true };
  const failed = { adapter: 'a', stay: false, now: 1000 };
  const unknown = { ...failed, stay: true };
  const failover = (adapter: string): Onward => ({ kind: 'failover', adapter });
  const again = (adapter: string, waitMs = 0): Onward => ({ kind: 'retry', adapter, waitMs });

  test.each<[string, Candidate[], typeof failed, Onward | undefined]>([
    ['alone: the same', [candidate('a', just)], failed, again('a')],
    ['alone, after an unknown outcome: the same', [candidate('a', just)], unknown, again('a')],
    ['alone, used up: nobody', [candidate('a', { ...just, count: 5 })], failed, undefined],
    ['alone, used up after an unknown outcome: nobody', [candidate('a', { ...just, count: 5 })], unknown, undefined],
    ['the next one, at once', [candidate('a', just), candidate('b'), candidate('c')], failed, failover('b')],
    ['after an unknown outcome the same', [candidate('a', just), candidate('b')], unknown, again('a')],
    [
      'after an unknown outcome of the last attempt the next',
      [candidate('a', { ...just, count: 5 }), candidate('b')],
      unknown,
      failover('b'),
    ],
    [
      'not one tried in this round',
      [candidate('a', just), candidate('b', just), candidate('c')],
      failed,
      failover('c'),
    ],
    ['one before it that was not tried', [candidate('b'), candidate('a', just)], failed, failover('b')],
    [
      'not one that fails',
      [candidate('a', just), candidate('b', { available: false }), candidate('c')],
      failed,
      failover('c'),
    ],
    ['not one that asked for time', [candidate('a', just), candidate('b', { notBefore: 1001 })], failed, again('a')],
    ['not one that is used up', [candidate('a', just), candidate('b', { count: 5 })], failed, again('a')],
    ['all tried: a new round, from the first', [candidate('b', just), candidate('a', just)], failed, again('b')],
    [
      'a new round passes over what asked for more time',
      [candidate('b', { ...just, notBefore: 9000 }), candidate('a', just)],
      failed,
      again('a'),
    ],
    [
      'and waits where all did',
      [candidate('b', { ...just, notBefore: 9000 }), candidate('a', { ...just, notBefore: 5000 })],
      failed,
      again('a', 4000),
    ],
    [
      'a new round passes over what fails',
      [candidate('b', { ...just, available: false }), candidate('a', just)],
      failed,
      again('a'),
    ],
    [
      'all fail: the first',
      [candidate('b', { ...just, available: false }), candidate('a', { ...just, available: false })],
      failed,
      again('b'),
    ],
    [
      'the last with attempts left',
      [candidate('a', { ...just, count: 5 }), candidate('b', { count: 4, thisRound: true })],
      failed,
      again('b'),
    ],
    ['all used up: nobody', [candidate('a', { ...just, count: 5 }), candidate('b', { count: 5 })], failed, undefined],
  ])('%s', (_, candidates, from, onward) => {
    expect(onwardFrom(candidates, from)).toEqual(onward);
  });
});

test.each([
  ['ordered', 1, 'abc'],
  ['roundRobin', -1, 'abc'],
  ['roundRobin', 0, 'bca'],
  ['roundRobin', 2, 'abc'],
  ['roundRobin', 7, 'cab'],
] as const)('%s, from %i: %s', (policy, index, order) => {
  expect(preferred([...'abc'], policy, index).join('')).toBe(order);
});
