import { describe, expect, test } from 'vitest';
import { messageOf, trial } from '../../test/engine-trial.ts';
import { manualClock } from '../../test/manual-clock.ts';
import { memoryStore, type Outcome } from '../index.ts';

const to = 'jane@example.com';
const day = 86_400_000;
const rarely = { pollMs: 6 * 3_600_000, sweepMs: 24 * 3_600_000 };

/** Answers once, then accepts. */
const once = (first: Outcome): (() => Outcome) => {
  const answers = [first];
  return () => answers.shift() ?? { outcome: 'accepted' };
};

describe('a wait longer than a timer of Node', () => {
  test('before the next attempt ends on time', async () => {
    const on = trial({ answer: once({ outcome: 'retry', reason: 'later', afterMs: 30 * day }), delivery: rarely });
    const sent = await on.one('mail', { to });
    await on.clock.advance(30 * day - 1);
    expect(on.email.messages).toHaveLength(1);
    await on.clock.advance(1);
    expect(on.email.messages).toHaveLength(2);
    expect(await messageOf(on, sent)).toMatchObject({ status: 'sent', attempts: 2 });
  });

  test('of a paused lane ends on time, in a process that was started since as well', async () => {
    const on = trial({
      answer: once({ outcome: 'retry', reason: 'later', lane: { pauseMs: 30 * day } }),
      delivery: rarely,
    });
    const sent = await on.one('mail', { to });
    await on.clock.advance(10 * day);
    const { close } = on.store;
    on.store.close = async () => {};
    await on.engine.stop();
    const next = trial({ store: on.store, clock: on.clock, delivery: rarely });
    await next.engine.start();
    await on.clock.advance(20 * day - 1);
    expect([on.email.messages.length, next.email.messages.length]).toEqual([1, 0]);
    await on.clock.advance(1);
    expect(next.email.messages).toHaveLength(1);
    expect(await messageOf(next, sent)).toMatchObject({ status: 'sent', attempts: 2 });
    on.store.close = close;
  });
});

test('what fell due while no process ran is done once, at the next start', async () => {
  const producer = trial({ role: 'producer' });
  const sent = await Promise.all(
    Array.from({ length: 50 }, (_, n) => producer.one('mail', { to: `p${n}@example.com` })),
  );
  await producer.clock.advance(400 * day);
  const workers = [0, 1].map(() => trial({ store: producer.store, clock: producer.clock }));
  for (const worker of workers) await worker.engine.start();
  await producer.clock.advance(5000);
  const calls = workers.flatMap(({ email }) => email.messages.map((message) => message.to));
  expect([calls.length, new Set(calls).size]).toEqual([sent.length, sent.length]);
});

describe("a jump of the process's wall clock", () => {
  test.each([3_600_000, -3_600_000, 365 * day, -365 * day])(
    'by %i ms: no wait is cut short or held up',
    async (jump) => {
      const clock = manualClock();
      let skew = 0;
      const own = Object.create(clock, { now: { value: () => clock.now() + skew } });
      // the store's time is the server's
      const store = memoryStore({ now: clock.now });
      const answer = once({ outcome: 'retry', reason: 'later', afterMs: 60_000 });
      const on = trial({ store, clock: own, answer });
      const sent = await on.one('mail', { to });
      await clock.advance(1000);
      skew = jump;
      await clock.advance(58_000);
      expect(on.email.messages).toHaveLength(1);
      await clock.advance(2000);
      expect(on.email.messages).toHaveLength(2);
      expect(await messageOf(on, sent)).toMatchObject({ status: 'sent', attempts: 2 });
    },
  );

  test.each([3_600_000, 365 * day])(
    'of a store whose time is the computer, by %i ms: one settles, none is stuck',
    async (jump) => {
      const clock = manualClock();
      let skew = 0;
      const store = memoryStore({ now: () => clock.now() + skew });
      const waiting: (() => void)[] = [];
      const slow = (): Promise<Outcome> =>
        new Promise((resolve) => waiting.push(() => resolve({ outcome: 'accepted', providerId: 'first' })));
      const first = trial({ store, clock, answer: slow });
      const sent = await first.one('mail', { to });
      await clock.advance(100);
      skew = jump;
      const second = trial({ store, clock, answer: { outcome: 'accepted', providerId: 'second' } });
      await second.engine.start();
      await clock.advance(2000);
      for (const go of waiting) go();
      await clock.advance(2000);
      expect(await messageOf(second, sent)).toMatchObject({ status: 'sent', providerId: 'second', attempts: 2 });
      const told = [...first.reported, ...second.reported].filter(({ name }) => name === 'message.sent');
      expect(told).toHaveLength(1);
      // and work goes on, on both
      skew = 0;
      await clock.advance(60_000);
      const after = await first.one('mail', { to });
      await clock.advance(100);
      for (const go of waiting) go();
      await clock.advance(2000);
      expect(await messageOf(first, after)).toMatchObject({ status: 'sent' });
    },
  );
});
