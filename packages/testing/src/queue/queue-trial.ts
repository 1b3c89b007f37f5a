import type { Queue, WakeUp } from '@tidings/core/spec';

/** A queue on trial. */
export interface QueueSubject {
  readonly queue: Queue;
  /** What carries it between processes. Left out for a queue of one process. */
  readonly broker?: QueueBroker;
  /** Removes everything that was made for it; the queue itself is closed before. */
  close?(): Promise<void>;
}

/** The broker under a queue, as the contract reaches behind it. */
export interface QueueBroker {
  /** Another queue object on the same jobs, as another process has it. */
  peer(): Queue;
  /** Cuts every connection and refuses new ones until `back`. */
  away(): Promise<void>;
  back(): Promise<void>;
  /** Loses every job. */
  flush(): Promise<void>;
  /** Puts a job there that no version of the queue has written. */
  putForeign(): Promise<void>;
  /** Jobs that wait, are worked on or come again. */
  jobs(): Promise<number>;
  /** Everything the broker keeps of these jobs, as text. */
  stored(): Promise<string>;
  /** Lets another process take what waits and be killed before its handler has ended. */
  takeAndDie(): Promise<void>;
}

/** Makes an empty queue that shares nothing with those made before. */
export type QueueFactory = () => Promise<QueueSubject>;

/** What a case of the queue contract works with. */
export interface QueueTrial {
  readonly queue: Queue;
  /** For cases that need it. */
  readonly broker: QueueBroker;
  /** Another queue on the same broker; closed when the case is over. */
  peer(): Queue;
  /** Another, empty queue; closed when the case is over. */
  fresh(): Promise<QueueSubject>;
}

/** Runs one case on a queue of its own. */
export async function tryQueue(factory: QueueFactory, run: (trial: QueueTrial) => Promise<void>): Promise<void> {
  const made: QueueSubject[] = [];
  const peers: Queue[] = [];
  const fresh = async (): Promise<QueueSubject> => {
    const subject = await factory();
    let closed: Promise<void> | undefined;
    const once: QueueSubject = {
      ...subject,
      close() {
        closed ??= subject.close?.() ?? Promise.resolve();
        return closed;
      },
    };
    made.push(once);
    return once;
  };
  try {
    const subject = await fresh();
    const broker = (): QueueBroker => {
      if (!subject.broker) throw new Error('This case needs a `broker`; say `lacks` if there is none.');
      return subject.broker;
    };
    await run({
      queue: subject.queue,
      fresh,
      get broker() {
        return broker();
      },
      peer() {
        const peer = broker().peer();
        peers.push(peer);
        return peer;
      },
    });
  } finally {
    for (const peer of peers) await peer.close();
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
