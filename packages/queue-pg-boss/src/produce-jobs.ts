import { type BrokerProducer, TidingsError, type WakeUpJob, within } from '@tidings/core/queue';
import type { JobInsert, PgBoss } from 'pg-boss';
import { ensureQueue } from './ensure-queue.ts';
import type { CheckedOptions } from './pg-boss-options.ts';

/** Most jobs that wait for a consumer: more of them would help nobody. */
export const mostJobs = 1_000;
// One may meet what another process added, so many in a row.
const droppedByChance = 100;

/** Puts jobs into PostgreSQL. */
export function createProducer({
  name,
  timeoutMs,
  redeliverSeconds,
  log,
  instance,
  make,
}: CheckedOptions): BrokerProducer {
  let boss: PgBoss | undefined;
  let starting: Promise<PgBoss> | undefined;
  // Not all processes at the same place.
  let place = Math.floor(Math.random() * mostJobs);
  let dropped = 0;

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
    await tellOfNoBound(boss);
    return boss;
  }

  async function tellOfNoBound(on: PgBoss): Promise<void> {
    const made = await on.getQueue(name);
    if (!made || made.policy === 'short') return;
    log.warn(
      { queue: name, policy: made.policy },
      'The queue was made without a bound, so wake-ups that nobody takes pile up. Delete it; it is made anew.',
    );
  }

  /**
   * Each job has one of so many places, in turn, and PostgreSQL drops one whose place is taken until somebody has taken
   * the job that waits there. That bounds the queue over all processes, and nobody has to count.
   */
  function placed(data: WakeUpJob): JobInsert {
    place = (place + 1) % mostJobs;
    return {
      data,
      singletonKey: `${place}`,
      // pg-boss takes the highest first
      priority: 2 - data.priority,
      expireInSeconds: redeliverSeconds,
    };
  }

  function tellOfDropped(jobs: number, added: number): void {
    const before = dropped;
    dropped = added > 0 ? 0 : dropped + jobs;
    if (before >= droppedByChance || dropped < droppedByChance) return;
    log.warn({ queue: name, jobs: mostJobs }, 'Nobody takes wake-ups from the queue; no more are added.');
  }

  return {
    async put(jobs) {
      const adding = async (): Promise<void> => {
        // Within here too: jobs that are given up must not be held, nor put in later.
        const on = await within(timeoutMs, ready());
        const added = await on.insert(name, jobs.map(placed), { returnId: true });
        tellOfDropped(jobs.length, added?.length ?? 0);
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
      await within(timeoutMs, Promise.resolve(starting)).catch(() => {});
      await within(timeoutMs, boss?.stop({ graceful: false }) ?? Promise.resolve()).catch(() => {});
    },
  };
}
