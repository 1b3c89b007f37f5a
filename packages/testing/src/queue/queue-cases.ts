import { expect } from 'vitest';
import type { ContractCase } from '../contract-case.ts';
import { effort } from '../effort.ts';
import { consumed, handlesReleased, heldHandles, Inbox } from './inbox.ts';
import { newWakeUp, type QueueTrial } from './queue-trial.ts';

/** The queue contract: the cases of every queue. */
export const queueCases: readonly ContractCase<QueueTrial>[] = [
  {
    name: 'Q1 enqueue-deliver',
    async run({ queue }) {
      const inbox = await consumed(queue);
      await queue.publish([
        newWakeUp({ lane: 'ses', priority: 0 }),
        newWakeUp({ lane: 'twilio', priority: 2, scope: 7 }),
      ]);
      await inbox.until(({ wakeUps }) => wakeUps.length >= 2);
      expect(inbox.wakeUps).toEqual(
        expect.arrayContaining([
          newWakeUp({ lane: 'ses', priority: 0 }),
          newWakeUp({ lane: 'twilio', priority: 2, scope: 7 }),
        ]),
      );
    },
  },
  {
    name: 'Q1 enqueue-deliver: published before anybody consumes',
    async run({ queue }) {
      await queue.publish([newWakeUp({ lane: 'early' })]);
      const inbox = await consumed(queue);
      await inbox.until((all) => all.lanes().has('early'));
    },
  },
  {
    name: 'publishing-nothing-is-fine',
    async run({ queue }) {
      const inbox = await consumed(queue);
      await queue.publish([]);
      await queue.publish([newWakeUp({ lane: 'after' })]);
      await inbox.until((all) => all.lanes().has('after'));
      expect(inbox.lanes()).toEqual(new Set(['after']));
    },
  },
  {
    name: 'Q11 duplicate-delivery-tolerated: equal wake-ups arrive at least once',
    async run({ queue }) {
      const inbox = await consumed(queue);
      await Promise.all([queue.publish([newWakeUp(), newWakeUp()]), queue.publish([newWakeUp()])]);
      await queue.publish([newWakeUp({ lane: 'last' })]);
      await inbox.until((all) => all.lanes().has('last') && all.lanes().has('capture'));
    },
  },
  {
    name: 'Q12 backpressure: a slow consumer is given everything, one group after the other',
    async run({ queue }) {
      const inbox = new Inbox();
      let running = 0;
      let most = 0;
      await queue.consume(async (wakeUps) => {
        running += 1;
        most = Math.max(most, running);
        await new Promise((resolve) => setImmediate(resolve));
        running -= 1;
        await inbox.take(wakeUps);
      });
      const lanes = Array.from({ length: 20 }, (_, index) => `lane ${index}`);
      const rounds = effort({ quick: 50, ci: 200, verify: 2_000 });
      for (let round = 0; round < rounds; round += 1) {
        await queue.publish(lanes.map((lane) => newWakeUp({ lane, ids: [`${round}`] })));
      }
      await queue.publish([newWakeUp({ lane: 'last' })]);
      await inbox.until((all) => all.lanes().size === lanes.length + 1);
      expect(most).toBe(1);
    },
  },
  {
    name: 'Q19 no-PII-in-payload: only the fields of a wake-up',
    async run({ queue }) {
      const inbox = await consumed(queue);
      const leaky = { ...newWakeUp(), to: 'jane@example.com', payload: { name: 'Jane' } };
      await queue.publish([leaky]);
      await inbox.until(({ wakeUps }) => wakeUps.length > 0);
      expect(inbox.wakeUps[0]).toEqual(newWakeUp());
    },
  },
  {
    name: 'a-failing-handler-is-called-again',
    async run({ queue }) {
      const inbox = new Inbox();
      let failures = 0;
      const failed = new Inbox();
      await queue.consume(async (wakeUps) => {
        if (wakeUps.some(({ lane }) => lane === 'bad') && failures < 2) {
          failures += 1;
          await failed.take(wakeUps);
          if (failures === 1) throw new Error('a handler may reject');
          return Promise.reject(new Error('in either way'));
        }
        await inbox.take(wakeUps);
      });
      await queue.publish([newWakeUp({ lane: 'bad' })]);
      await failed.until(({ wakeUps }) => wakeUps.length > 0);
      await queue.publish([newWakeUp({ lane: 'good' })]);
      await inbox.until((all) => all.lanes().has('good'));
    },
  },
  {
    name: 'a-stopped-consumer-hears-nothing-more',
    async run({ queue }) {
      const first = new Inbox();
      const stop = await queue.consume(first.take);
      await queue.publish([newWakeUp({ lane: 'one' })]);
      await first.until((all) => all.lanes().has('one'));
      await stop();
      await stop();
      await queue.publish([newWakeUp({ lane: 'two' })]);
      const second = await consumed(queue);
      await second.until((all) => all.lanes().has('two'));
      expect(first.lanes()).toEqual(new Set(['one']));
    },
  },
  {
    name: 'stopping-waits-for-the-handler',
    async run({ queue }) {
      let release = (): void => {};
      const released = new Promise<void>((resolve) => {
        release = resolve;
      });
      const begun = new Inbox();
      let ended = false;
      const stop = await queue.consume(async (wakeUps) => {
        await begun.take(wakeUps);
        await released;
        ended = true;
      });
      await queue.publish([newWakeUp()]);
      await begun.until(({ wakeUps }) => wakeUps.length > 0);
      const stopped = stop().then(() => ended);
      release();
      expect(await stopped).toBe(true);
    },
  },
  {
    name: 'Q20 no-handles-after-close',
    async run({ fresh }) {
      const before = heldHandles();
      const { queue, close } = await fresh();
      const inbox = await consumed(queue);
      await queue.publish([newWakeUp()]);
      await inbox.until(({ wakeUps }) => wakeUps.length > 0);
      await queue.publish([newWakeUp()]);
      await queue.close();
      await queue.close();
      await close?.();
      await handlesReleased(before);
    },
  },
  {
    name: 'one-consumer-a-queue',
    async run({ queue }) {
      const stop = await queue.consume(async () => {});
      await expect(queue.consume(async () => {})).rejects.toThrow(/consumer/);
      await stop();
      const inbox = await consumed(queue);
      await queue.publish([newWakeUp()]);
      await inbox.until(({ wakeUps }) => wakeUps.length > 0);
    },
  },
  {
    name: 'publish-after-close-is-refused',
    async run({ queue }) {
      await queue.close();
      await expect(queue.publish([newWakeUp()])).rejects.toThrow(/closed/i);
      await expect(queue.consume(async () => {})).rejects.toThrow(/closed/i);
    },
  },
];
