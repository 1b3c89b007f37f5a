import { createBrokerQueue, type Queue } from '@tidings/core/queue';
import { consumeJobs } from './consume-jobs.ts';
import { checkOptions, type PgBossQueueOptions } from './pg-boss-options.ts';
import { createProducer } from './produce-jobs.ts';

/**
 * A queue in PostgreSQL, by pg-boss: a send in one process wakes the workers of all at once. It carries ids of due rows,
 * never personal data; losing all of it loses nothing, since due rows are polled for.
 *
 * Nothing is opened before the first use. While PostgreSQL is away, publishing rejects with `QUEUE_UNAVAILABLE`, and
 * consuming goes on by itself when it is back. Throws `CONFIGURATION_INVALID` for a wrong option.
 *
 * @example
 * const engine = createEngine({ store, queue: pgBossQueue({ connection: process.env.DATABASE_URL }), … });
 */
export function pgBossQueue(options: PgBossQueueOptions): Queue {
  const checked = checkOptions(options);
  return createBrokerQueue({ ...createProducer(checked), consume: (handler) => consumeJobs(handler, checked) });
}
