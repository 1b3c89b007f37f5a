import { expect, it } from 'vitest';
import type { WakeUp } from '../spec/index.ts';
import type { WakeUpJob } from './wake-up-job.ts';
import { createWakeUpPublisher } from './wake-up-publisher.ts';

const wakeUp = (id: string, lane = 'ses'): WakeUp => ({ lane, priority: 1, scope: 1, ids: [id] });

/** A broker that answers when it is told to. */
function broker() {
  const calls: { jobs: readonly WakeUpJob[]; answer(error?: Error): void }[] = [];
  const publisher = createWakeUpPublisher(
    (jobs) =>
      new Promise((resolve, reject) => {
        calls.push({ jobs, answer: (error) => (error ? reject(error) : resolve()) });
      }),
  );
  return { calls, publisher };
}

it('hands over what comes while the broker answers together, and bounded', async () => {
  const { calls, publisher } = broker();
  const first = publisher.publish([wakeUp('0')]);
  await Promise.resolve();
  const rest = Promise.all(Array.from({ length: 5000 }, (_, n) => publisher.publish([wakeUp(`${n}`)])));
  calls[0]?.answer();
  await first;
  await new Promise((resolve) => setImmediate(resolve));
  expect(calls).toHaveLength(2);
  expect(calls[1]?.jobs).toHaveLength(1);
  expect(calls[1]?.jobs[0]?.wakeUps[0]?.[2]).toHaveLength(1000);
  calls[1]?.answer();
  await rest;
  await publisher.idle();
});

it('tells everybody whose wake-ups were lost, and goes on', async () => {
  const { calls, publisher } = broker();
  const lost = Promise.allSettled([publisher.publish([wakeUp('1')]), publisher.publish([wakeUp('2', 'twilio')])]);
  await Promise.resolve();
  calls[0]?.answer(new Error('away'));
  expect((await lost).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  await publisher.publish([]);
  expect(calls).toHaveLength(1);
  const next = publisher.publish([wakeUp('3')]);
  await new Promise((resolve) => setImmediate(resolve));
  calls[1]?.answer();
  await next;
  expect(calls[1]?.jobs[0]?.wakeUps).toEqual([['ses', 1, ['3']]]);
});
