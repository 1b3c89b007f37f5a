import { inProcessQueue } from '@tidings/core';
import type { Queue } from '@tidings/core/spec';
import type { WorkerOrder } from '../settings.ts';

/** Opens the queue a worker was told to use, as a host would. */
export async function openQueue({ queue, redis, prefix, place }: WorkerOrder): Promise<Queue> {
  switch (queue) {
    case 'in-process':
      return inProcessQueue();
    case 'bullmq': {
      const { bullmqQueue } = await loadQueue('@tidings/queue-bullmq');
      return make(bullmqQueue, { connection: redis, prefix, redeliverMs: 2000 });
    }
    case 'pg-boss': {
      const { pgBossQueue } = await loadQueue('@tidings/queue-pg-boss');
      return make(pgBossQueue, { connection: place.url, schema: prefix, redeliverMs: 2000 });
    }
  }
}

function loadQueue(name: string): Promise<Record<string, unknown>> {
  return import(name) as Promise<Record<string, unknown>>;
}

function make(factory: unknown, options: object): Queue {
  if (typeof factory !== 'function') throw new Error('The package of the queue does not have it.');
  return factory(options) as Queue;
}
