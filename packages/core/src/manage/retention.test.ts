import { describe, expect, test } from 'vitest';
import { messageOf, refusal, trial } from '../../test/engine-trial.ts';
import { manualClock, settle } from '../../test/manual-clock.ts';
import { memoryStore, type PruneRequest, type Store } from '../index.ts';

const jane = 'jane@example.com';
const hour = 3_600_000;
const day = 24 * hour;

/** Days pass sooner when nobody looks for due messages each second. */
const rarely = { delivery: { pollMs: day, sweepMs: day } };

/** A memory store that notes what it is asked to prune. */
function watched(now: () => number, before: () => Promise<void> = async () => {}): Store & { asked: PruneRequest[] } {
  const asked: PruneRequest[] = [];
  const store = memoryStore({ now });
  return {
    ...store,
    asked,
    async prune(request) {
      asked.push(request);
      await before();
      return store.prune(request);
    },
  };
}

describe('retention', () => {
  test('removes contents after 30 days and notifications after 90, by itself', async () => {
    const on = trial(rarely);
    const sent = await on.done('mail', { to: jane, payload: { word: 'x' } });
    await on.clock.advance(29 * day);
    expect((await messageOf(on, sent)).content).not.toBeNull();
    await on.clock.advance(day + 2 * hour);
    expect(await messageOf(on, sent)).toMatchObject({ status: 'sent', content: null });
    await on.clock.advance(60 * day);
    expect(await refusal(() => on.engine.notifications.get(sent.id))).toMatchObject({ code: 'NOT_FOUND' });
    expect((await on.engine.contacts.list()).items).toHaveLength(1);
  });

  test('takes other times, and never', async () => {
    const clock = manualClock();
    const store = watched(clock.now);
    const on = trial({ clock, store, retention: { contents: '2 hours', notifications: false } });
    await on.done('mail', { to: jane });
    await clock.advance(hour);
    expect(store.asked[0]).toMatchObject({ contentsOlderMs: 2 * hour, finishedOlderMs: null });
    const never = trial({ clock, store, retention: { contents: false }, role: 'producer' });
    await never.engine.prune();
    expect(store.asked.at(-1)).toMatchObject({ contentsOlderMs: null, finishedOlderMs: 90 * day });
  });

  test.each<[unknown, string]>([
    [{ contents: 30 }, 'retention.contents'],
    [{ notifications: '0 days' }, 'retention.notifications'],
    [{ notifications: true }, 'retention.notifications'],
    [{ messages: '1 day' }, 'retention.messages'],
  ])('refuses %j', async (retention, path) => {
    expect(await refusal(() => trial({ retention } as never))).toMatchObject({ code: 'CONFIGURATION_INVALID', path });
  });

  test('comes about once an hour, at a time of its own, and not in a producer', async () => {
    const clock = manualClock();
    const store = watched(clock.now);
    const on = trial({ clock, store, random: { fraction: () => 0.25, bytes: (count) => new Uint8Array(count) } });
    await on.engine.start();
    await clock.advance(hour / 4 - 1);
    expect(store.asked).toHaveLength(0);
    await clock.advance(1);
    expect(store.asked).toHaveLength(1);
    await clock.advance(hour * 0.875 - 1);
    expect(store.asked).toHaveLength(1);
    await clock.advance(1);
    expect(store.asked).toHaveLength(2);
    const producer = watched(clock.now);
    const sends = trial({ clock, store: producer, role: 'producer' });
    await sends.one('mail', { to: jane });
    await clock.advance(3 * hour);
    expect(producer.asked).toHaveLength(0);
  });

  test('says what failed and comes again', async () => {
    const clock = manualClock();
    let fails = true;
    const store = watched(clock.now, async () => {
      if (fails) throw new Error('disk full');
    });
    const on = trial({ clock, store });
    await on.engine.start();
    await clock.advance(hour);
    expect(on.reported).toMatchObject([{ name: 'error', during: 'prune' }]);
    fails = false;
    await clock.advance(2 * hour);
    expect(store.asked.length).toBeGreaterThan(1);
    expect(on.reported).toHaveLength(1);
  });

  test('lets sends through between its chunks', async () => {
    const clock = manualClock();
    const order: string[] = [];
    const store = watched(clock.now, async () => {
      order.push('chunk');
      if (order.length < 4) void on.one('mail', { to: jane });
    });
    const on = trial({ clock, store });
    on.engine.on('message.sent', () => order.push('sent'));
    await on.many('mail', { to: Array.from({ length: 900 }, (_, n) => `user${n}@example.com`) });
    await on.engine.idle();
    await clock.advance(10);
    order.length = 0;
    const early = trial({ clock, store, retention: { notifications: '1 second' }, role: 'producer' });
    await clock.advance(1000);
    expect(await early.engine.prune()).toMatchObject({ notifications: 900, messages: 900, contents: 900, done: true });
    expect(order.indexOf('sent')).toBeLessThan(order.lastIndexOf('chunk'));
  });

  test('ends between two chunks when the engine stops', async () => {
    const clock = manualClock();
    let chunks = 0;
    let go: () => void = () => {};
    const store = watched(clock.now, () => {
      chunks += 1;
      return new Promise((resolve) => {
        go = resolve;
      });
    });
    const on = trial({ clock, store, role: 'producer', retention: { notifications: '1 second' } });
    await on.many('mail', { to: Array.from({ length: 900 }, (_, n) => `user${n}@example.com`) });
    await on.engine.cancel('mail', { to: 'user1@example.com' });
    await clock.advance(1000);
    const pruned = on.engine.prune();
    await settle();
    const stopped = on.engine.stop();
    go();
    await stopped;
    expect(await pruned).toMatchObject({ notifications: 1 });
    expect(chunks).toBe(1);
    expect(await refusal(() => on.engine.prune())).toMatchObject({ code: 'ENGINE_STOPPED' });
  });

  test('reads no argument', async () => {
    const prune = trial().engine.prune as (...given: unknown[]) => Promise<unknown>;
    expect(await refusal(() => prune({ contents: '1 day' }))).toEqual({
      code: 'VALIDATION_ERROR',
      path: 'options',
      message: 'prune takes no further argument: the option `retention` of the engine says how long things are kept.',
    });
  });

  test('never lets a broadcast go out twice', async () => {
    const on = trial(rarely);
    const cast = (): Promise<unknown> =>
      on.engine.untyped.broadcast('mail', [jane], { id: 'news', payload: {} } as never);
    await cast();
    await on.engine.idle();
    await on.clock.advance(89 * day);
    expect(await cast()).toMatchObject({ skipped: 1 });
    await on.clock.advance(90 * day);
    expect(await refusal(cast)).toMatchObject({ code: 'CONFLICT', path: 'id' });
    expect(on.email.messages).toHaveLength(1);
  });
});
