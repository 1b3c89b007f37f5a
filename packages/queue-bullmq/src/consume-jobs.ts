import { type BrokerConsumer, readWakeUpJob, type WakeUp, within } from '@tidings/core/queue';
import { Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { type CheckedOptions, reconnectMs } from './bullmq-options.ts';

/** Calls `handler` for one job after the other. Redis need not be there yet; it is waited for in the background. */
export function consumeJobs(
  handler: (wakeUps: readonly WakeUp[]) => Promise<void>,
  { name, prefix, redeliverMs, timeoutMs, log, instance, open }: CheckedOptions,
): BrokerConsumer {
  let running: Promise<void> = Promise.resolve();
  let stopping: Promise<void> | undefined;
  let away = false;

  // Waiting outlives every outage. BullMQ makes another like it, to block on.
  const template = instance ?? open();
  const connection: Redis = template.duplicate({
    maxRetriesPerRequest: null,
    enableOfflineQueue: true,
    commandTimeout: undefined as never,
    lazyConnect: false,
    retryStrategy: reconnectMs,
  });
  // BullMQ ends its own only while Redis answers; one that is away must not hold up a stop.
  const connections = [connection];
  const duplicate = connection.duplicate.bind(connection);
  connection.duplicate = (override) => {
    const made = duplicate(override);
    connections.push(made);
    return made;
  };
  connection.on('error', (err) => {
    if (away || stopping) return;
    away = true;
    log.warn({ queue: name, err }, 'Redis is away; wake-ups wait until it is back, and due rows are polled for.');
  });
  connection.on('ready', () => {
    if (away) log.warn({ queue: name }, 'Redis is back.');
    away = false;
  });

  const worker = new Worker(
    name,
    async (job) => {
      const wakeUps = readWakeUpJob(job.data);
      if (!wakeUps) {
        log.warn({ queue: name, job: job.id }, 'A job of an unknown version was dropped; the due poll finds its rows.');
        return;
      }
      running = handler(wakeUps);
      await running;
    },
    {
      connection,
      prefix,
      skipVersionCheck: true,
      // also what another version wrote
      removeOnComplete: { count: 0 },
      removeOnFail: { count: 0 },
      lockDuration: redeliverMs,
      stalledInterval: redeliverMs,
      // how often a job may outlive the process that had it; it is a hint, so dropping it then does no harm
      maxStalledCount: 3,
    },
  );
  // Told by the connection; a job that fails comes back.
  worker.on('error', () => {});
  worker.on('failed', (_job, err) => log.warn({ queue: name, err }, 'Wake-ups could not be handled; they come again.'));

  return {
    stop() {
      stopping ??= (async () => {
        const closed = worker.close();
        // Heard of below; until then it must not count as unhandled.
        closed.catch(() => {});
        await running.catch(() => {});
        await within(timeoutMs, closed).catch(() => {});
        for (const each of connections) each.disconnect();
        await within(timeoutMs, closed).catch(() => {});
        if (!instance) template.disconnect();
      })();
      return stopping;
    },
  };
}
