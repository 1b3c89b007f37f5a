import { expect, it } from 'vitest';
import { type Broker, createBrokerQueue } from './broker-queue.ts';

const wakeUps = [{ lane: 'ses', priority: 1, scope: 1, ids: ['1'] }] as const;

/** A broker that writes down what is asked of it, and answers a turn of the event loop later. */
function broker() {
  const log: string[] = [];
  const later = async (what: string): Promise<void> => {
    log.push(`${what} begins`);
    await new Promise((resolve) => setImmediate(resolve));
    log.push(`${what} ends`);
  };
  const made: Broker = {
    put: () => later('put'),
    consume: () => ({ stop: () => later('stop') }),
    close: () => later('close'),
  };
  return { log, queue: createBrokerQueue(made) };
}

it('ends in order: the consumer, what is being published, the broker; twice is once', async () => {
  const { log, queue } = broker();
  await queue.consume(async () => {});
  const published = queue.publish(wakeUps);
  await Promise.all([queue.close(), queue.close(), published]);
  expect(log.filter((line) => line.startsWith('stop'))).toEqual(['stop begins', 'stop ends']);
  expect(log.slice(-2)).toEqual(['close begins', 'close ends']);
  expect(log).toHaveLength(6);
});

it('has one consumer at a time', async () => {
  const { queue } = broker();
  const stop = await queue.consume(async () => {});
  await expect(queue.consume(async () => {})).rejects.toMatchObject({ code: 'CONFIGURATION_INVALID' });
  await stop();
  const again = await queue.consume(async () => {});
  await stop();
  await expect(queue.consume(async () => {})).rejects.toMatchObject({ code: 'CONFIGURATION_INVALID' });
  await again();
});

it('refuses everything once it is closed', async () => {
  const { log, queue } = broker();
  await queue.close();
  await expect(queue.publish(wakeUps)).rejects.toMatchObject({ code: 'ENGINE_STOPPED' });
  await expect(queue.consume(async () => {})).rejects.toMatchObject({ code: 'ENGINE_STOPPED' });
  expect(log).toEqual(['close begins', 'close ends']);
});

it('takes a broker that is a class', async () => {
  class Kept implements Broker {
    readonly jobs: unknown[] = [];
    async put(jobs: readonly unknown[]): Promise<void> {
      this.jobs.push(...jobs);
    }
    consume(): { stop(): Promise<void> } {
      return { stop: async () => {} };
    }
    async close(): Promise<void> {
      this.jobs.length = 0;
    }
  }
  const kept = new Kept();
  const queue = createBrokerQueue(kept);
  await queue.publish(wakeUps);
  expect(kept.jobs).toHaveLength(1);
  await queue.close();
  expect(kept.jobs).toEqual([]);
});

it('closes the broker also when its consumer cannot be stopped', async () => {
  let closed = false;
  const queue = createBrokerQueue({
    put: async () => {},
    consume: () => ({ stop: () => Promise.reject(new Error('cut')) }),
    async close() {
      closed = true;
    },
  });
  await queue.consume(async () => {});
  await expect(queue.close()).rejects.toThrow('cut');
  expect(closed).toBe(true);
});
