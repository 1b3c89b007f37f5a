import { type BrokerConsumer, readWakeUpJob, type WakeUp, within } from '@tidings/core/queue';
import type { Job, PgBoss } from 'pg-boss';
import { ensureQueue } from './ensure-queue.ts';
import type { CheckedOptions } from './pg-boss-options.ts';

const jobsAtOnce = 50;
const longestWaitMs = 10_000;

/** Calls `handler` for one batch after the other. PostgreSQL need not be there yet; it is waited for in the background. */
export function consumeJobs(
  handler: (wakeUps: readonly WakeUp[]) => Promise<void>,
  { name, timeoutMs, redeliverSeconds, log, instance, make }: CheckedOptions,
): BrokerConsumer {
  const boss: PgBoss = instance ?? make('consume');
  let running: Promise<void> = Promise.resolve();
  let worker: string | undefined;
  let stopping: Promise<void> | undefined;
  let away = false;
  let retry: { timer: NodeJS.Timeout; now(): void } | undefined;

  const isAway = (err: unknown): void => {
    if (away || stopping) return;
    away = true;
    log.warn({ queue: name, err }, 'The queue in PostgreSQL is away; due rows are polled for until it is back.');
  };
  const isBack = (): void => {
    if (away) log.warn({ queue: name }, 'The queue in PostgreSQL is back.');
    away = false;
  };
  if (!instance) boss.on('error', isAway);

  async function take(jobs: readonly Job[]): Promise<void> {
    isBack();
    const wakeUps: WakeUp[] = [];
    for (const { id, data } of jobs) {
      const read = readWakeUpJob(data);
      if (read) wakeUps.push(...read);
      else log.warn({ queue: name, job: id }, 'A job of an unknown version was dropped; the due poll finds its rows.');
    }
    if (wakeUps.length === 0) return;
    // the most urgent are fetched first, in any order
    running = handler(wakeUps.sort((a, b) => a.priority - b.priority));
    try {
      await running;
    } catch (err) {
      log.warn({ queue: name, err }, 'Wake-ups could not be handled; they come again.');
      throw err;
    }
  }

  async function begin(): Promise<void> {
    if (!instance) await boss.start();
    if (stopping) return;
    await ensureQueue(boss, name);
    if (stopping) return;
    worker = await boss.work(
      name,
      {
        batchSize: jobsAtOnce,
        burstWhenBatchFull: true,
        pollingIntervalSeconds: 0.5,
        // Nobody is notified of a job that comes again.
        notifyPollingIntervalSeconds: Math.min(5, Math.max(0.5, redeliverSeconds / 3)),
      },
      take,
    );
    isBack();
  }

  const started = (async () => {
    for (let failures = 0; !stopping && worker === undefined; failures += 1) {
      if (failures > 0) await pause(Math.min(longestWaitMs, 250 * 2 ** failures) * (0.5 + Math.random() / 2));
      if (stopping) return;
      await begin().catch(isAway);
    }
  })();

  function pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      retry = { timer: setTimeout(resolve, ms), now: resolve };
      retry.timer.unref();
    });
  }

  return {
    stop() {
      stopping ??= (async () => {
        if (retry) clearTimeout(retry.timer);
        retry?.now();
        await within(timeoutMs, started).catch(() => {});
        if (worker !== undefined) {
          const left = boss.offWork(name, { id: worker });
          // Heard of below; until then it must not count as unhandled.
          left.catch(() => {});
          await running.catch(() => {});
          await within(timeoutMs, left).catch(() => {});
        }
        if (!instance) await within(2 * timeoutMs, boss.stop({ graceful: true, timeout: timeoutMs })).catch(() => {});
      })();
      return stopping;
    },
  };
}
