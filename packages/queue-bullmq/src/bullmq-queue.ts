import { createBrokerQueue, type Queue } from '@tidings/core/queue';
import { type BullmqQueueOptions, checkOptions } from './bullmq-options.ts';
import { consumeJobs } from './consume-jobs.ts';
import { createProducer } from './produce-jobs.ts';

/**
 * A queue in Redis 6.2 or later, by BullMQ: a send in one process wakes the workers of all at once. It carries ids of
 * due rows, never personal data; losing all of it loses nothing, since due rows are polled for.
 *
 * Nothing is opened before the first use. While Redis is away, publishing rejects with `QUEUE_UNAVAILABLE`, and consuming
 * goes on by itself when it is back. Throws `CONFIGURATION_INVALID` for a wrong option.
 *
 * @example
 * const engine = createEngine({ store, queue: bullmqQueue({ connection: 'redis://redis.internal:6379' }), … });
 */
export function bullmqQueue(options: BullmqQueueOptions = {}): Queue {
  const checked = checkOptions(options);
  return createBrokerQueue({ ...createProducer(checked), consume: (handler) => consumeJobs(handler, checked) });
}
