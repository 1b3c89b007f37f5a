import { describe, expect, test } from 'vitest';
import { messageOf, type Trial, trial } from '../../test/engine-trial.ts';
import { manualClock, settle } from '../../test/manual-clock.ts';
import { type Outcome, TidingsError } from '../index.ts';

const to = 'jane@example.com';
const hold = { delivery: { unknown: { email: 'hold' } } } as const;
const away = (): TidingsError => new TidingsError('STORE_UNAVAILABLE', 'away', { retryable: true });

/** Settling fails this often, then no more. */
function failSettle(on: Trial, times: number, error: () => Error = away): { tries: number } {
  const { commit } = on.store;
  const seen = { tries: 0 };
  on.store.commit = async (work, options) => {
    if (work.kind !== 'settle') return commit(work, options);
    seen.tries += 1;
    if (seen.tries <= times) throw error();
    return commit(work, options);
  };
  return seen;
}

describe('an outcome that cannot be written', () => {
  test.each(['STORE_UNAVAILABLE', 'STORE_BUSY'] as const)(
    'for %s is written later, without a second call',
    async (code) => {
      const on = trial();
      await on.engine.start();
      failSettle(on, 8, () => new TidingsError(code, 'away'));
      const sent = await on.one('mail', { to });
      await on.clock.advance(40_000);
      expect(await messageOf(on, sent)).toMatchObject({ status: 'sent', attempts: 1 });
      expect(on.email.messages).toHaveLength(1);
      expect(on.reported.map(({ name }) => name)).toEqual(['error', 'message.sent', 'notification.completed']);
    },
  );

  test('is written before its own worker claims again, when its lease has lapsed meanwhile', async () => {
    let answer: (outcome: Outcome) => void = () => {};
    const on = trial({ answer: () => new Promise((resolve) => (answer = resolve)) });
    const sent = await on.one('mail', { to });
    await settle();
    const { commit, claim, renew } = on.store;
    const refuse = async (): Promise<never> => {
      throw away();
    };
    Object.assign(on.store, { commit: refuse, claim: refuse, renew: refuse });
    answer({ outcome: 'accepted' });
    await on.clock.advance(100_000);
    Object.assign(on.store, { commit, claim, renew });
    await on.clock.advance(10_000);
    expect(await messageOf(on, sent)).toMatchObject({ status: 'sent', attempts: 1 });
    expect(on.email.messages).toHaveLength(1);
  });

  test('for good is not tried again', async () => {
    const on = trial();
    await on.engine.start();
    const seen = failSettle(on, 99, () => new TidingsError('STORE_FAILED', 'no'));
    await on.one('mail', { to });
    await on.clock.advance(10_000);
    expect(seen.tries).toBe(1);
  });

  test('is given up when the grace of stop ends', async () => {
    const on = trial();
    await on.engine.start();
    failSettle(on, 1000);
    await on.one('mail', { to });
    await on.clock.advance(1000);
    let stopped = false;
    const stop = on.engine.stop().then(() => {
      stopped = true;
    });
    await on.clock.advance(9999);
    expect(stopped).toBe(false);
    await on.clock.advance(1);
    await stop;
  });

  test('with `hold`: no call begins before it is written that it does', async () => {
    const on = trial(hold);
    await on.engine.start();
    failSettle(on, 3);
    const sent = await on.one('mail', { to });
    await on.clock.advance(299);
    expect(on.email.messages).toEqual([]);
    await on.clock.advance(1000);
    expect(await messageOf(on, sent)).toMatchObject({ status: 'sent', attempts: 1 });
  });
});

describe('a claim that fails', () => {
  test.each(['drain', 'idle'] as const)('three times in a row ends %s with its error', async (how) => {
    const on = trial({ delivery: { pollMs: 60_000 }, ...(how === 'drain' ? { autoStart: false } : {}) });
    if (how === 'idle') await on.engine.start();
    let tries = 0;
    on.store.claim = async () => {
      tries += 1;
      throw away();
    };
    const ended = on.engine[how]().then(
      () => 'resolved',
      (error: TidingsError) => `${error.code} after ${tries}`,
    );
    await on.clock.advance(15_000);
    expect(await ended).toBe('STORE_UNAVAILABLE after 3');
  });

  test('again and again is told ever more rarely, and so is its end', async () => {
    const on = trial();
    const { claim } = on.store;
    on.store.claim = async () => {
      throw away();
    };
    await on.engine.start();
    await on.clock.advance(60_000);
    const told = on.logged.filter((line) => line.startsWith('error'));
    expect([told.length, on.reported.length]).toEqual([6, 6]);
    on.store.claim = claim;
    await on.clock.advance(1000);
    expect(on.logged.at(-1)).toBe('info The store answers again.');
  });

  test('does not end the looking when the logger throws', async () => {
    const thrower = (): never => {
      throw new Error('disk full');
    };
    const producer = trial({ role: 'producer' });
    const sent = await producer.one('mail', { to });
    const { store, clock } = producer;
    const on = trial({ store, clock, log: { debug: thrower, info: thrower, warn: thrower, error: thrower } });
    const { claim } = store;
    store.claim = async () => {
      store.claim = claim;
      throw away();
    };
    await on.engine.start();
    await on.clock.advance(2000);
    expect(await messageOf(on, sent)).toMatchObject({ status: 'sent' });
  });
});

describe('rows that were claimed and not called', () => {
  test('because what was to be read of them could not be: go back uncounted', async () => {
    const producer = trial({ role: 'producer' });
    const sent = await producer.one('mail', { to });
    const on = trial({ store: producer.store, clock: producer.clock });
    const { load } = on.store;
    on.store.load = async () => {
      on.store.load = load;
      throw away();
    };
    await on.engine.start();
    await on.clock.advance(2000);
    expect(on.email.messages.map(({ call }) => call.attempt)).toEqual([1]);
    expect(await messageOf(on, sent)).toMatchObject({ status: 'sent', attempts: 1 });
  });

  test('because the engine stops: go back uncounted', async () => {
    const producer = trial({ role: 'producer' });
    await producer.one('mail', { to });
    const on = trial({ store: producer.store, clock: producer.clock });
    const { claim } = on.store;
    let goOn: () => void = () => {};
    on.store.claim = async (request) => {
      const got = await claim(request);
      await new Promise<void>((resolve) => {
        goOn = resolve;
      });
      return got;
    };
    const { close } = on.store;
    on.store.close = async () => {};
    await on.engine.start();
    await settle();
    const stopped = on.engine.stop();
    await settle();
    goOn();
    await stopped;
    on.store.close = close;
    expect(on.email.messages).toEqual([]);
    const { items } = await on.store.listMessages({ scope: 1, limit: 1 });
    expect(items[0]).toMatchObject({ status: 'queued', attempts: 0, leaseUntil: null });
  });

  test('because the lease left is too short: go back uncounted', async () => {
    const clock = manualClock();
    let skip = 0;
    const producer = trial({ role: 'producer', clock });
    const sent = await producer.one('mail', { to });
    const on = trial({
      store: producer.store,
      clock: Object.create(clock, { monotonic: { value: () => clock.monotonic() + skip } }),
    });
    const { load } = on.store;
    on.store.load = async (reads) => {
      on.store.load = load;
      skip = 31_000;
      return load(reads);
    };
    await on.engine.start();
    await clock.advance(1000);
    expect(await messageOf(on, sent)).toMatchObject({ status: 'sent', attempts: 1 });
    expect(on.email.messages).toHaveLength(1);
  });
});

test('a drain is not empty while rows wait in a paused lane', async () => {
  const on = trial({ autoStart: false });
  await on.one('mail', { to });
  await on.store.commit({
    kind: 'settle',
    reads: {},
    decide: () => ({ writes: { lanes: [{ lane: 'mailer', pauseIn: 60_000 }] }, result: undefined }),
  });
  expect(await on.engine.drain()).toEqual({ handled: 0, empty: false });
  await on.clock.advance(60_000);
  expect(await on.engine.drain()).toEqual({ handled: 1, empty: true });
});
