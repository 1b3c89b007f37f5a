import { expect, it } from 'vitest';
import type { WakeUp } from '../spec/index.ts';
import { inProcessQueue } from './in-process-queue.ts';

const wakeUp = (lane: string, ids: readonly string[]): WakeUp => ({ lane, priority: 1, scope: 1, ids });

it('becomes one wake-up a lane while the handler is busy, and forgets ids beyond a thousand', async () => {
  const queue = inProcessQueue();
  const groups: (readonly WakeUp[])[] = [];
  let release = (): void => {};
  let begun = (): void => {};
  const first = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const second = new Promise<void>((resolve) => {
    void queue.consume(async (group) => {
      groups.push(group);
      if (groups.length > 1) return resolve();
      begun();
      await new Promise<void>((done) => {
        release = done;
      });
    });
  });
  await queue.publish([wakeUp('ses', ['0'])]);
  await first;
  for (let index = 0; index < 5_000; index += 1)
    await queue.publish([wakeUp('ses', [`${index}`]), wakeUp('twilio', ['t'])]);
  release();
  await second;
  expect(groups[1]?.map(({ lane, ids }) => [lane, ids.length])).toEqual([
    ['ses', 1_000],
    ['twilio', 1_000],
  ]);
  await queue.close();
});

it('has one consumer', async () => {
  const queue = inProcessQueue();
  const stop = await queue.consume(async () => {});
  await expect(queue.consume(async () => {})).rejects.toThrow(/consumer/);
  await stop();
  await queue.consume(async () => {});
  await queue.close();
});

it('keeps no ids for a handler that is not there yet', async () => {
  const queue = inProcessQueue();
  await queue.publish([wakeUp('ses', ['1', '2'])]);
  const group = await new Promise((resolve) => {
    void queue.consume(async (wakeUps) => resolve(wakeUps));
  });
  expect(group).toEqual([wakeUp('ses', [])]);
  await queue.close();
});
