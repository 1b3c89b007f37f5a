import { inProcessQueue } from '@tidings/core';
import type { Queue } from '@tidings/core/spec';
import type { WorkerOrder } from '../settings.ts';

/** After how long wake-ups of a killed worker are given to another, in ms. */
const redeliverMs = 2000;

/** Opens the queue a worker was told to use, as a host would. */
export async function openQueue({ queue, redis, prefix, place }: WorkerOrder): Promise<Queue> {
  switch (queue) {
    case 'in-process':
      return inProcessQueue();
    case 'bullmq': {
      // loaded where it is used: a worker is started a hundred times
      const { bullmqQueue } = await import('@tidings/queue-bullmq');
      return bullmqQueue({ connection: redis, prefix, redeliverMs });
    }
    case 'pg-boss': {
      const { pgBossQueue } = await import('@tidings/queue-pg-boss');
      return pgBossQueue({ connection: place.url, schema: prefix, redeliverMs });
    }
  }
}
