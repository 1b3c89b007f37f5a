import { inProcessQueue } from '@tidings/core';
import type { Queue } from '@tidings/core/spec';
import type { WorkerOrder } from '../settings.ts';

/** The queue of a run and how to end what it was given. */
export interface OpenQueue {
  readonly queue: Queue;
  close(): Promise<void>;
}

/** Opens the queue a worker was told to use, as a host would. */
export async function openQueue({ queue }: WorkerOrder): Promise<OpenQueue> {
  if (queue !== 'in-process') throw new Error(`There is no queue "${queue}" yet.`);
  return { queue: inProcessQueue(), close: async () => {} };
}
