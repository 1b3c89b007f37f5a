import { type Queue, TidingsError, type WakeUp } from '../spec/index.ts';

// Ids kept for one lane, priority and scope while the handler is busy.
const mostIds = 1000;

/**
 * Hands wake-ups over within this process, in the next turn of the event loop. While the handler is busy, wake-ups of one
 * lane, priority and scope become one; beyond 1,000, and while there is no handler, its ids are dropped, which loses nothing: the lane is still woken and
 * the store knows its rows. A handler that rejects is called again for the next wake-ups; what it was given is not
 * repeated, since the due poll finds it. Nothing of it keeps the process alive.
 */
export function inProcessQueue(): Queue {
  let waiting = new Map<string, WakeUp>();
  let handler: ((wakeUps: readonly WakeUp[]) => Promise<void>) | undefined;
  let running: Promise<void> | undefined;
  let scheduled: NodeJS.Immediate | undefined;
  let closed = false;

  function schedule(): void {
    if (scheduled || running || !handler || waiting.size === 0) return;
    scheduled = setImmediate(() => {
      scheduled = undefined;
      running = handOver().finally(() => {
        running = undefined;
        schedule();
      });
    });
  }

  async function handOver(): Promise<void> {
    const group = [...waiting.values()];
    waiting = new Map();
    try {
      await handler?.(group);
    } catch {
      // the handler reports its own errors; the store still has the rows
    }
  }

  function unschedule(): void {
    if (scheduled) clearImmediate(scheduled);
    scheduled = undefined;
  }

  return {
    specVersion: 1,

    async publish(wakeUps) {
      if (closed) throw new TidingsError('ENGINE_STOPPED', 'The queue is closed and takes no more wake-ups.');
      for (const { lane, priority, scope, ids } of wakeUps) {
        const key = `${lane}\0${priority}\0${scope}`;
        const before = waiting.get(key)?.ids ?? [];
        const all = !handler || before.length >= mostIds ? before : [...before, ...ids].slice(0, mostIds);
        waiting.set(key, { lane, priority, scope, ids: all });
      }
      schedule();
    },

    async consume(next) {
      if (closed) throw new TidingsError('ENGINE_STOPPED', 'The queue is closed and takes no consumer.');
      if (handler)
        throw new TidingsError(
          'CONFIGURATION_INVALID',
          'This queue already has its consumer; give each engine a queue.',
        );
      handler = next;
      schedule();
      return async () => {
        if (handler !== next) return;
        handler = undefined;
        unschedule();
        await running;
      };
    },

    async close() {
      closed = true;
      handler = undefined;
      waiting = new Map();
      unschedule();
      await running;
    },
  };
}
