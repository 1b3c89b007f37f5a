import type { Logger, Queue, WakeUp } from '../spec/index.ts';

/** Hands wake-ups to the queue without waiting; a queue that is away is told once an outage, not once a batch. */
export function publishWakeUps(queue: Queue, log: Logger): (wakeUps: readonly WakeUp[]) => void {
  let away = false;
  return (wakeUps) => {
    // Also what it throws: the sends are committed.
    new Promise<void>((resolve) => resolve(queue.publish(wakeUps))).then(
      () => {
        away = false;
      },
      (err: unknown) => {
        if (!away) log.warn({ err }, 'Wake-ups could not be published; the due poll finds the rows.');
        away = true;
      },
    );
  };
}
