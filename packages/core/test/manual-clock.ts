import type { Clock } from '../src/spec/index.ts';

/** A clock that stands still until it is moved. */
export interface ManualClock extends Clock {
  /** Moves it, running every timer on the way at its time, and lets what they start settle in between. */
  advance(ms: number): Promise<void>;
  /** Timers that wait and would hold the process. */
  readonly held: number;
  /** Timers that wait. */
  readonly planned: number;
}

interface Waiting {
  readonly at: number;
  readonly hold: boolean;
  readonly task: () => void;
}

const start = Date.parse('2026-01-01T00:00:00Z');

export function manualClock(): ManualClock {
  let elapsed = 0;
  const timers = new Set<Waiting>();
  return {
    now: () => start + elapsed,
    monotonic: () => elapsed,
    after(ms, task, { hold = true } = {}) {
      const timer = { at: elapsed + Math.max(0, ms), hold, task };
      timers.add(timer);
      return { cancel: () => timers.delete(timer) };
    },
    async advance(ms) {
      const end = elapsed + ms;
      await settle();
      for (;;) {
        const [next] = [...timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
        if (!next) break;
        timers.delete(next);
        elapsed = Math.max(elapsed, next.at);
        next.task();
        await settle();
      }
      elapsed = end;
      await settle();
    },
    get planned() {
      return timers.size;
    },
    get held() {
      return [...timers].filter(({ hold }) => hold).length;
    },
  };
}

/** Lets what is at hand happen: enough turns of the event loop for accepting, claiming, calling and settling. */
export async function settle(turns = 12): Promise<void> {
  for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
