import type { Queue, WakeUp } from '../spec/index.ts';
import { TidingsError } from '../spec/index.ts';
import type { WakeUpJob } from './wake-up-job.ts';
import { createWakeUpPublisher } from './wake-up-publisher.ts';

/** What hands wake-ups to a broker. */
export interface BrokerProducer {
  /** Hands jobs over, one call at a time. Rejects with `QUEUE_UNAVAILABLE` within bounded time when the broker is away. */
  put(jobs: readonly WakeUpJob[]): Promise<void>;
  /** Ends what `put` has opened. Called once, after the consumer was stopped and the last `put` has ended. */
  close(): Promise<void>;
}

/** What takes wake-ups in this process. */
export interface BrokerConsumer {
  /** Takes no more; resolves when the handler has ended and its connections are closed. Twice is once. */
  stop(): Promise<void>;
}

/** A broker, as a queue between processes needs it. */
export interface Broker extends BrokerProducer {
  /** Calls `handler` for what waits and what comes, also when the broker is there only later. */
  consume(handler: (wakeUps: readonly WakeUp[]) => Promise<void>): BrokerConsumer;
}

/**
 * The queue on a broker. It gathers what is published while the broker is slow, has one consumer at a time, refuses a
 * second with `CONFIGURATION_INVALID` and everything after `close` with `ENGINE_STOPPED`, and ends in order: the consumer,
 * what is still being published, the broker.
 */
export function createBrokerQueue(broker: Broker): Queue {
  const publisher = createWakeUpPublisher((jobs) => broker.put(jobs));
  let consumer: BrokerConsumer | undefined;
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
      const started = broker.consume(handler);
      consumer = started;
      return async () => {
        await started.stop();
        if (consumer === started) consumer = undefined;
      };
    },

    close() {
      closing ??= (async () => {
        try {
          await consumer?.stop();
          await publisher.idle();
        } finally {
          await broker.close();
        }
      })();
      return closing;
    },
  };
}
