import type { Queue } from '@tidings/core';
import { bullmqQueue } from '@tidings/queue-bullmq';
import { pgBossQueue } from '@tidings/queue-pg-boss';

/**
 * What wakes the workers, as `QUEUE` says. `poll`: nothing, each looks once a second. The code of the application is the
 * same with all three.
 */
export function queueFrom(env: NodeJS.ProcessEnv): Queue | undefined {
  const { QUEUE = 'poll', DATABASE_URL, REDIS_URL, QUEUE_PREFIX } = env;
  switch (QUEUE) {
    case 'poll':
      return undefined;
    case 'bullmq':
      return bullmqQueue({
        connection: REDIS_URL ?? 'redis://127.0.0.1:6379',
        ...(QUEUE_PREFIX === undefined ? {} : { prefix: QUEUE_PREFIX }),
      });
    case 'pg-boss':
      return pgBossQueue({
        connection: DATABASE_URL ?? '',
        ...(QUEUE_PREFIX === undefined ? {} : { schema: QUEUE_PREFIX }),
      });
    default:
      throw new Error(`QUEUE is "${QUEUE}"; it may be poll, bullmq or pg-boss.`);
  }
}
