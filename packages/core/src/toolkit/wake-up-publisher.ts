import type { WakeUp } from '../spec/index.ts';
import { mostWakeUpIds, type WakeUpJob, wakeUpJobs } from './wake-up-job.ts';

/** Hands wake-ups to a broker, those that come while it answers together. */
export interface WakeUpPublisher {
  /** Resolves when the broker has them; rejects as `put` does, and they are forgotten. */
  publish(wakeUps: readonly WakeUp[]): Promise<void>;
  /** Resolves when nothing is under way. */
  idle(): Promise<void>;
}

/**
 * One call of `put` at a time. What is published meanwhile becomes one wake-up a lane, priority and scope, so that a
 * thousand sends a second make a few jobs, and memory stays bounded while the broker does not answer. Ids of one beyond
 * 1,000 are dropped, which loses nothing: its lane is still woken, and the store knows its rows.
 */
export function createWakeUpPublisher(put: (jobs: readonly WakeUpJob[]) => Promise<void>): WakeUpPublisher {
  let waiting = new Map<string, WakeUp>();
  let running: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;

  function add({ lane, priority, scope, ids }: WakeUp): void {
    const key = `${lane}\0${priority}\0${scope}`;
    const before = waiting.get(key)?.ids ?? [];
    const room = mostWakeUpIds - before.length;
    waiting.set(key, { lane, priority, scope, ids: room > 0 ? [...before, ...ids.slice(0, room)] : before });
  }

  function flush(): Promise<void> {
    const wakeUps = waiting.values();
    waiting = new Map();
    next = undefined;
    return put(wakeUpJobs(wakeUps));
  }

  return {
    async publish(wakeUps) {
      if (wakeUps.length === 0) return;
      for (const wakeUp of wakeUps) add(wakeUp);
      if (!next) {
        next = running.then(flush);
        running = next.catch(() => {});
      }
      await next;
    },
    idle: () => running,
  };
}
