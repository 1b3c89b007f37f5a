import { describe, expect, test } from 'vitest';
import { type Trial, type TrialOptions, trial } from '../test/engine-trial.ts';
import { settle } from '../test/manual-clock.ts';
import { defineEvent, inProcessQueue, memoryStore, type Store, TidingsError } from './index.ts';

const to = 'jane@example.com';
const away = (): TidingsError => new TidingsError('STORE_UNAVAILABLE', 'away', { retryable: true });
const never = (): Promise<never> => new Promise(() => {});
const numbered = (count: number): string[] => Array.from({ length: count }, (_, index) => `p${index}@example.com`);

/** Whether a promise has ended. */
function ending(promise: Promise<unknown>): { done: boolean } {
  const state = { done: false };
  void promise.finally(() => {
    state.done = true;
  });
  return state;
}

const leased = async (store: Store): Promise<number> =>
  (await store.listMessages({ scope: 1, limit: 500 })).items.filter((row) => row.leaseUntil !== null).length;

describe('a stop while the store is away', () => {
  test('ends soon after the grace, and says what it could not write', async () => {
    const on = trial({ delivery: { graceMs: 3000 } });
    await on.engine.start();
    const { commit } = on.store;
    on.store.commit = async (work, options) => {
      if (work.kind === 'settle') throw away();
      return commit(work, options);
    };
    await on.many('mail', { to: numbered(3) });
    await on.clock.advance(100);
    const stop = ending(on.engine.stop());
    await on.clock.advance(2999);
    expect(stop.done).toBe(false);
    await on.clock.advance(2001);
    expect(stop.done).toBe(true);
    expect(on.logged.at(-1)).toMatch(/^error The store was away to the end: what came of 3 calls is not written/);
    expect(on.clock.held).toBe(0);
  });

  test.each(['commit', 'claim', 'migrate', 'close'] as const)('and hangs in %s: ends all the same', async (name) => {
    const on = trial({ delivery: { graceMs: 3000 }, storeWaitMs: 60_000 });
    if (name !== 'migrate') await on.engine.start();
    (on.store as unknown as Record<string, unknown>)[name] = never;
    const sent = on.one('mail', { to }).catch(() => {});
    await on.clock.advance(1500);
    const stop = ending(on.engine.stop());
    await on.clock.advance(3000 + 4 * 2000);
    expect(stop.done).toBe(true);
    expect(on.clock.held).toBe(0);
    void sent;
  });

  test('an adapter and a queue that do not close hold up nothing else', async () => {
    const closed: string[] = [];
    const store = { ...memoryStore(), close: async () => void closed.push('store') };
    const adapter = {
      ...{ specVersion: 1 as const, name: 'mailer', channel: 'email', close: never },
      send: async () => ({ outcome: 'accepted' as const }),
    };
    const on = trial({ store, adapters: [adapter], queue: { ...inProcessQueue(), close: never } });
    await on.one('mail', { to });
    const stop = ending(on.engine.stop());
    await on.clock.advance(4000);
    expect(stop.done).toBe(true);
    expect(closed).toEqual(['store']);
    expect(on.logged).toEqual(['warn The queue did not close in time.', 'warn An adapter did not close in time.']);
  });
});

describe('a stop while the engine opens', () => {
  test('ends what waits for it, and begins nothing', async () => {
    let go: () => void = () => {};
    const store = memoryStore();
    const queue = inProcessQueue();
    let consumed = 0;
    const on = trial({
      store: {
        ...store,
        migrate: () =>
          new Promise((resolve) => {
            go = resolve;
          }),
      },
      queue: {
        ...queue,
        consume: async (handler) => {
          consumed += 1;
          return queue.consume(handler);
        },
      },
    });
    const codes = Promise.all(
      [on.engine.start(), on.one('mail', { to })].map((call) => call.catch((error: TidingsError) => error.code)),
    );
    await settle();
    const stop = ending(on.engine.stop());
    await settle();
    expect(stop.done).toBe(false);
    go();
    expect(await codes).toEqual(['ENGINE_STOPPED', 'ENGINE_STOPPED']);
    await settle();
    expect([stop.done, consumed, on.clock.held]).toEqual([true, 0, 0]);
  });
});

describe('what has not begun when the grace ends', () => {
  const slow = (wait: () => Promise<unknown>): TrialOptions['events'] => ({
    mail: defineEvent({
      templates: {
        email: {
          en: {
            subject: 'x',
            text: async () => {
              await wait();
              return 'x';
            },
          },
        },
      },
    }),
  });

  test('because it still renders: is given back, for another to take at once', async () => {
    const events = slow(never) ?? {};
    const on = trial({ events, delivery: { graceMs: 1000 } });
    await on.many('mail', { to: numbered(5) });
    await on.clock.advance(0);
    expect(await leased(on.store)).toBe(5);
    const { close } = on.store;
    on.store.close = async () => {};
    const stop = ending(on.engine.stop());
    await on.clock.advance(1000);
    expect(stop.done).toBe(true);
    on.store.close = close;
    expect(await leased(on.store)).toBe(0);
    expect(on.email.messages).toEqual([]);
    const got = await on.store.claim({ lanes: [{ lane: 'mailer', limit: 9 }], leaseMs: 1000 });
    expect(got.messages.map(({ lapsed, message }) => [lapsed, message.attempts])).toEqual(
      numbered(5).map(() => [false, 0]),
    );
  });

  test('with `hold`, because it is being marked: is given back and not called', async () => {
    const on = trial({ delivery: { graceMs: 1000, unknown: { email: 'hold' } } });
    await on.engine.start();
    const { commit } = on.store;
    let goOn: () => void = () => {};
    on.store.commit = async (work, options) => {
      const result = await commit(work, options);
      if (work.kind === 'settle') {
        on.store.commit = commit;
        await new Promise<void>((resolve) => {
          goOn = resolve;
        });
      }
      return result;
    };
    await on.one('mail', { to });
    await on.clock.advance(0);
    const stop = ending(on.engine.stop());
    await on.clock.advance(1500);
    goOn();
    await settle();
    expect(stop.done).toBe(true);
    expect(on.email.messages).toEqual([]);
    const { items } = await on.store.listMessages({ scope: 1, limit: 1 });
    expect(items[0]).toMatchObject({ status: 'queued', attempts: 0, leaseUntil: null, callingAt: null });
  });
});

test.each([
  ['retry', { status: 'queued', attempts: 1 }],
  ['hold', { status: 'unknown', attempts: 1 }],
] as const)('a call that is aborted is settled as unknown: with `%s`', async (policy, row) => {
  const on = trial({ answer: never, delivery: { graceMs: 1000, unknown: { email: policy } } });
  await on.one('mail', { to });
  await on.clock.advance(0);
  const stop = ending(on.engine.stop());
  await on.clock.advance(1000);
  expect(stop.done).toBe(true);
  const { items } = await on.store.listMessages({ scope: 1, limit: 1 });
  expect(items[0]).toMatchObject({ ...row, leaseUntil: null });
});

test('everybody who stops waits for the same end, and every handle is stopped', async () => {
  const on: Trial = trial();
  await on.done('mail', { to });
  const stops = [on.engine.stop(), on.engine.for({ tenant: 'a' }).stop(), on.engine.stop()];
  await Promise.all(stops);
  for (const call of [() => on.engine.start(), () => on.one('mail', { to }), () => on.engine.drain()]) {
    await expect(call()).rejects.toMatchObject({ code: 'ENGINE_STOPPED' });
  }
  await on.engine.stop();
});
