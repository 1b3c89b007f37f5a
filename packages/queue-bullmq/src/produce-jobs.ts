import { type BrokerProducer, TidingsError, within } from '@tidings/core/queue';
import { type JobsOptions, Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import type { CheckedOptions } from './bullmq-options.ts';

// A queue this long is not being consumed: more of it would help nobody.
const mostJobs = 10_000;
const jobsBetweenCounts = 1_000;

// A failed wake-up comes back a few times; after that the due poll has long found its rows.
const options: JobsOptions = {
  removeOnComplete: true,
  removeOnFail: true,
  attempts: 3,
  backoff: { type: 'exponential', delay: 500 },
};

/** Puts jobs into Redis. */
export function createProducer({ name, prefix, timeoutMs, log, instance, open }: CheckedOptions): BrokerProducer {
  let connection: Redis | undefined;
  let queue: Queue | undefined;
  let starting: Promise<Queue> | undefined;
  let closed = false;
  let uncounted = 0;
  let full = false;

  /** The queue on a connection that is ready; who asks meanwhile waits for the same. */
  function ready(): Promise<Queue> {
    starting ??= start().finally(() => {
      starting = undefined;
    });
    return starting;
  }

  async function start(): Promise<Queue> {
    connection ??= instance ?? own();
    await connected(connection);
    if (closed) throw new Error('The queue was closed.');
    if (queue) return queue;
    const made = new Queue(name, { connection, prefix, skipVersionCheck: true });
    // Whoever publishes is told by the rejection.
    made.on('error', () => {});
    try {
      await made.waitUntilReady();
      if (closed) throw new Error('The queue was closed.');
    } catch (error) {
      // A connection lost while it began: the next one begins anew.
      await made.close().catch(() => {});
      throw error;
    }
    queue = made;
    return made;
  }

  function own(): Redis {
    const made = open();
    made.on('error', () => {});
    return made;
  }

  /** Once the queue is long nothing is added, until somebody has taken of it. */
  async function hasRoom(on: Queue, jobs: number): Promise<boolean> {
    uncounted += jobs;
    if (!full && uncounted < jobsBetweenCounts) return true;
    const { waiting = 0, prioritized = 0 } = await on.getJobCounts('waiting', 'prioritized');
    uncounted = 0;
    const isFull = waiting + prioritized >= mostJobs;
    if (isFull && !full) {
      log.warn(
        { queue: name, jobs: waiting + prioritized },
        'Nobody takes wake-ups from the queue; no more are added.',
      );
    }
    full = isFull;
    return !full;
  }

  return {
    async put(jobs) {
      const adding = async (): Promise<void> => {
        // Within here too: jobs that are given up must not be held until it is ready.
        const on = await within(timeoutMs, ready());
        if (!(await hasRoom(on, jobs.length))) return;
        await on.addBulk(
          jobs.map((data) => ({ name: 'wake-up', data, opts: { ...options, priority: data.priority } })),
        );
      };
      await within(timeoutMs, adding()).catch((cause: unknown) => {
        throw new TidingsError(
          'QUEUE_UNAVAILABLE',
          'Redis did not take the wake-ups; the due poll finds their rows. Check that it runs and can be reached.',
          { cause, retryable: true },
        );
      });
    },

    async close() {
      closed = true;
      // Its metadata may still be on its way; a Redis that is away is not waited for.
      await within(timeoutMs, queue?.close() ?? Promise.resolve()).catch(() => {});
      if (!instance) connection?.disconnect();
    },
  };
}

/** Resolves when it is connected; opens it when nobody has. */
async function connected(connection: Redis): Promise<void> {
  if (connection.status === 'ready') return;
  if (connection.status === 'wait') return connection.connect();
  if (connection.status === 'end') throw new Error('The connection to Redis was ended.');
  await new Promise<void>((resolve, reject) => {
    const settle = (done: () => void) => () => {
      connection.off('ready', isReady);
      connection.off('close', isLost);
      done();
    };
    const isReady = settle(resolve);
    const isLost = settle(() => reject(new Error('The connection to Redis was lost.')));
    connection.on('ready', isReady);
    connection.on('close', isLost);
  });
}
