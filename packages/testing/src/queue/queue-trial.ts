import type { Queue, WakeUp } from '@tidings/core/spec';

/** A queue on trial. */
export interface QueueSubject {
  readonly queue: Queue;
  /** Removes everything that was made for it; the queue itself is closed before. */
  close?(): Promise<void>;
}

/** Makes an empty queue that shares nothing with those made before. */
export type QueueFactory = () => Promise<QueueSubject>;

/** What a case of the queue contract works with. */
export interface QueueTrial {
  readonly queue: Queue;
  /** Another, empty queue; closed when the case is over. */
  fresh(): Promise<Queue>;
}

/** Runs one case on a queue of its own. */
export async function tryQueue(factory: QueueFactory, run: (trial: QueueTrial) => Promise<void>): Promise<void> {
  const made: QueueSubject[] = [];
  const fresh = async (): Promise<Queue> => {
    const subject = await factory();
    made.push(subject);
    return subject.queue;
  };
  try {
    await run({ queue: await fresh(), fresh });
  } finally {
    for (const { queue, close } of made) {
      await queue.close();
      await close?.();
    }
  }
}

/** A wake-up of one id in lane `capture`. */
export function newWakeUp(given: Partial<WakeUp> = {}): WakeUp {
  return { lane: 'capture', priority: 1, scope: 1, ids: ['01a1fc63-61de-7879-abad-3948d8183e8f'], ...given };
}
