import { createWakeUpPublisher, type Queue, TidingsError } from '@tidings/core/queue';
import { type BullmqQueueOptions, checkOptions } from './bullmq-options.ts';
import { type Consumer, consumeJobs } from './consume-jobs.ts';
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
  const producer = createProducer(checked);
  const publisher = createWakeUpPublisher(producer.put);
  let consumer: Consumer | undefined;
  let closing: Promise<void> | undefined;

  function refuseWhenClosed(): void {
    if (closing) throw new TidingsError('ENGINE_STOPPED', 'The queue is closed and takes nothing more.');
  }

  return {
    specVersion: 1,

    async publish(wakeUps) {
      refuseWhenClosed();
      await publisher.publish(wakeUps);
    },

    async consume(handler) {
      refuseWhenClosed();
      if (consumer) {
        throw new TidingsError(
          'CONFIGURATION_INVALID',
          'This queue already has its consumer; give each engine a queue of its own.',
        );
      }
      const started = consumeJobs(handler, checked);
      consumer = started;
      return async () => {
        await started.stop();
        if (consumer === started) consumer = undefined;
      };
    },

    close() {
      closing ??= (async () => {
        await consumer?.stop();
        await publisher.idle();
        await producer.close();
      })();
      return closing;
    },
  };
}
