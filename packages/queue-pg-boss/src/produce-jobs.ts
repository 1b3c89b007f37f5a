import { TidingsError, type WakeUpJob, within } from '@tidings/core/queue';
import type { PgBoss } from 'pg-boss';
import { ensureQueue } from './ensure-queue.ts';
import type { CheckedOptions } from './pg-boss-options.ts';

/** Puts jobs into PostgreSQL. */
export interface Producer {
  put(jobs: readonly WakeUpJob[]): Promise<void>;
  close(): Promise<void>;
}

export function createProducer({ name, timeoutMs, redeliverSeconds, instance, make }: CheckedOptions): Producer {
  let boss: PgBoss | undefined;
  let starting: Promise<PgBoss> | undefined;

  function ready(): Promise<PgBoss> {
    starting ??= start().catch((error: unknown) => {
      // The next one tries again.
      starting = undefined;
      throw error;
    });
    return starting;
  }

  async function start(): Promise<PgBoss> {
    if (!boss) {
      boss = instance ?? make('publish');
      // Whoever publishes is told by the rejection.
      if (!instance) boss.on('error', () => {});
    }
    if (!instance) await boss.start();
    await ensureQueue(boss, name);
    return boss;
  }

  return {
    async put(jobs) {
      const adding = async (): Promise<void> => {
        const on = await ready();
        await on.insert(
          name,
          // pg-boss takes the highest first
          jobs.map((data) => ({ data, priority: 2 - data.priority, expireInSeconds: redeliverSeconds })),
        );
      };
      await within(timeoutMs, adding()).catch((cause: unknown) => {
        throw new TidingsError(
          'QUEUE_UNAVAILABLE',
          'PostgreSQL did not take the wake-ups; the due poll finds their rows. Check that it runs and can be reached.',
          { cause, retryable: true },
        );
      });
    },

    async close() {
      if (instance) return;
      await starting?.catch(() => {});
      await within(timeoutMs, boss?.stop({ graceful: false }) ?? Promise.resolve()).catch(() => {});
    },
  };
}
