import type { WakeUp } from '@tidings/core/spec';
import { TidingsError } from '@tidings/core/spec';
import { expect } from 'vitest';
import type { ContractCase } from '../contract-case.ts';
import { effort } from '../effort.ts';
import { consumed, handlesReleased, heldHandles, Inbox } from './inbox.ts';
import { newWakeUp, type QueueTrial } from './queue-trial.ts';

const needs = ['broker'] as const;
const patient = { timeout: 45_000, interval: 50 };

/** The queue contract: the cases of queues between processes. */
export const brokerCases: readonly ContractCase<QueueTrial>[] = [
  {
    name: 'producers-only-publish, consumers-only-consume',
    needs,
    async run({ queue, peer }) {
      await queue.publish([newWakeUp({ lane: 'before' })]);
      const inbox = await consumed(peer());
      await queue.publish([newWakeUp({ lane: 'after' })]);
      await inbox.until((all) => all.lanes().has('before') && all.lanes().has('after'));
    },
  },
  {
    name: 'Q2 at-least-once-after-crash, Q9 stalled-redelivered',
    needs,
    waits: true,
    async run({ queue, broker }) {
      await queue.publish([newWakeUp({ lane: 'taken' })]);
      await broker.takeAndDie();
      const inbox = await consumed(queue);
      await inbox.until((all) => all.lanes().has('taken'));
    },
  },
  {
    name: 'Q3 ack-removes: nothing grows',
    needs,
    async run({ queue, broker }) {
      const inbox = await consumed(queue);
      const rounds = effort({ quick: 20, ci: 50, verify: 500 });
      for (let round = 0; round < rounds; round += 1) await queue.publish([newWakeUp({ lane: `lane ${round}` })]);
      await inbox.until((all) => all.lanes().size === rounds);
      await expect.poll(() => broker.jobs(), patient).toBe(0);
    },
  },
  {
    name: 'Q4 nack-backoff, Q10 poison-capped: what fails comes again, not for ever, and holds nobody up',
    needs,
    waits: true,
    async run({ queue, broker }) {
      const inbox = new Inbox();
      let calls = 0;
      await queue.consume(async (wakeUps) => {
        if (wakeUps.some(({ lane }) => lane === 'poison')) {
          calls += 1;
          throw new Error('a handler may reject');
        }
        await inbox.take(wakeUps);
      });
      await queue.publish([newWakeUp({ lane: 'poison' })]);
      await expect.poll(() => calls, patient).toBeGreaterThan(0);
      await queue.publish([newWakeUp({ lane: 'good' })]);
      await inbox.until((all) => all.lanes().has('good'));
      await expect.poll(() => calls, patient).toBeGreaterThan(1);
      await expect.poll(() => broker.jobs(), patient).toBe(0);
      expect(calls).toBeLessThanOrEqual(10);
    },
  },
  {
    name: 'Q7 batches: many sends at once are few jobs',
    needs,
    async run({ queue, broker }) {
      const sends = Array.from({ length: 2_000 }, (_, n) => queue.publish([newWakeUp({ ids: [`${n}`] })]));
      await Promise.all(sends);
      expect(await broker.jobs()).toBeLessThanOrEqual(10);
      const inbox = await consumed(queue);
      await inbox.until(({ wakeUps }) => wakeUps.length > 0);
      expect(Math.max(...inbox.wakeUps.map(({ ids }) => ids.length))).toBeLessThanOrEqual(1_000);
    },
  },
  {
    name: 'priority-order: the most urgent of what waits comes first',
    needs,
    async run({ queue }) {
      for (const priority of [2, 1, 0] as const) await queue.publish([newWakeUp({ lane: `${priority}`, priority })]);
      const inbox = await consumed(queue);
      await inbox.until((all) => all.lanes().size === 3);
      expect(inbox.wakeUps.map(({ priority }) => priority)).toEqual([0, 1, 2]);
    },
  },
  {
    name: 'Q8 consumers-share-work: one that is busy leaves the rest to the others',
    needs,
    async run({ queue, peer }) {
      const groups: { readonly by: number; readonly wakeUps: readonly WakeUp[] }[] = [];
      let release = (): void => {};
      const released = new Promise<void>((resolve) => {
        release = resolve;
      });
      for (const [by, each] of [queue, peer()].entries()) {
        await each.consume(async (wakeUps) => {
          groups.push({ by, wakeUps });
          await released;
        });
      }
      await queue.publish([newWakeUp({ lane: 'first' })]);
      await expect.poll(() => groups.length, patient).toBe(1);
      await queue.publish([newWakeUp({ lane: 'second' })]);
      await expect.poll(() => groups.length, patient).toBe(2);
      release();
      expect(new Set(groups.map(({ by }) => by))).toEqual(new Set([0, 1]));
      expect(groups.map(({ wakeUps }) => wakeUps.map(({ lane }) => lane))).toEqual([['first'], ['second']]);
    },
  },
  {
    name: 'Q15 forced-stop-returns, Q20 no-handles-after-close: also while the broker is away',
    needs,
    async run({ fresh }) {
      const before = heldHandles();
      const { queue, broker, close } = await fresh();
      const inbox = await consumed(queue);
      await queue.publish([newWakeUp()]);
      await inbox.until(({ wakeUps }) => wakeUps.length > 0);
      await broker?.away();
      await queue.close();
      await close?.();
      await handlesReleased(before);
    },
  },
  {
    name: 'Q16 loss-of-all-jobs-recovered: what comes after is delivered',
    needs,
    async run({ queue, broker }) {
      const inbox = await consumed(queue);
      await queue.publish([newWakeUp({ lane: 'before' })]);
      await inbox.until((all) => all.lanes().has('before'));
      await broker.flush();
      await queue.publish([newWakeUp({ lane: 'after' })]);
      await inbox.until((all) => all.lanes().has('after'));
    },
  },
  {
    name: 'Q17 reconnect: publishing is refused while the broker is away, and all goes on when it is back',
    needs,
    async run({ queue, broker }) {
      const inbox = await consumed(queue);
      await queue.publish([newWakeUp({ lane: 'before' })]);
      await inbox.until((all) => all.lanes().has('before'));
      await broker.away();
      const refused = await queue.publish([newWakeUp()]).catch((error: unknown) => error);
      expect(TidingsError.is(refused, 'QUEUE_UNAVAILABLE') && refused.retryable).toBe(true);
      await broker.back();
      const publishes = (): Promise<boolean> =>
        queue.publish([newWakeUp({ lane: 'after' })]).then(
          () => true,
          () => false,
        );
      await expect.poll(publishes, patient).toBe(true);
      await inbox.until((all) => all.lanes().has('after'));
    },
  },
  {
    name: 'Q17 reconnect: a queue that begins while the broker is away',
    needs,
    async run({ peer, broker, queue }) {
      await broker.away();
      const inbox = await consumed(peer());
      await expect(queue.publish([newWakeUp()])).rejects.toThrow(/due poll/);
      await broker.back();
      const publishes = (): Promise<boolean> =>
        queue.publish([newWakeUp({ lane: 'after' })]).then(
          () => true,
          () => false,
        );
      await expect.poll(publishes, patient).toBe(true);
      await inbox.until((all) => all.lanes().has('after'));
    },
  },
  {
    name: 'Q18 unknown-job-version: is dropped and harms nothing',
    needs,
    async run({ queue, broker }) {
      await broker.putForeign();
      const inbox = await consumed(queue);
      await queue.publish([newWakeUp({ lane: 'known' })]);
      await inbox.until((all) => all.lanes().has('known'));
      await expect.poll(() => broker.jobs(), patient).toBe(0);
      expect(inbox.lanes()).toEqual(new Set(['known']));
    },
  },
  {
    name: 'Q19 no-PII-in-payload: the broker is given ids and nothing else',
    needs,
    async run({ queue, broker }) {
      const leaky = { ...newWakeUp(), to: 'jane@example.com', payload: { name: 'Jane' } };
      await queue.publish([leaky]);
      const stored = await broker.stored();
      expect(stored).toContain(newWakeUp().ids[0]);
      expect(stored).not.toMatch(/jane/i);
    },
  },
];
