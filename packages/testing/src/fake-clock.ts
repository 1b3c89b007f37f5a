import type { Clock, Random } from '@tidings/core/spec';

/** A clock that stands still until it is moved. */
export interface FakeClock extends Clock {
  /**
   * Moves it, running every timer on the way at its time and in order, and lets what they start settle in between.
   * Takes ms or a duration such as `3 days`.
   */
  advance(time: number | string): Promise<void>;
  /** Timers that wait. */
  readonly pending: number;
}

interface Waiting {
  readonly at: number;
  readonly task: () => void;
}

const units: Readonly<Record<string, number>> = {
  ...{ ms: 1, millisecond: 1, s: 1_000, second: 1_000, m: 60_000, minute: 60_000 },
  ...{ h: 3_600_000, hour: 3_600_000, d: 86_400_000, day: 86_400_000, w: 604_800_000, week: 604_800_000 },
};

/** A clock for tests. `start` is its wall time in ms, or a date. Default: 2026-01-01T00:00:00Z. */
export function fakeClock(start: number | string = '2026-01-01T00:00:00Z'): FakeClock {
  const begun = typeof start === 'number' ? start : Date.parse(start);
  if (!Number.isFinite(begun)) throw new Error(`"${start}" is no date.`);
  let elapsed = 0;
  let timers: Waiting[] = [];

  return {
    now: () => begun + elapsed,
    monotonic: () => elapsed,
    after(ms, task) {
      const timer = { at: elapsed + Math.max(0, ms), task };
      timers.push(timer);
      return {
        cancel() {
          timers = timers.filter((other) => other !== timer);
        },
      };
    },
    async advance(time) {
      const end = elapsed + inMs(time);
      await settle();
      for (let next = firstUntil(timers, end); next; next = firstUntil(timers, end)) {
        const due = next;
        timers = timers.filter((other) => other !== due);
        elapsed = Math.max(elapsed, due.at);
        due.task();
        await settle();
      }
      elapsed = end;
      await settle();
    },
    get pending() {
      return timers.length;
    },
  };
}

function firstUntil(timers: readonly Waiting[], end: number): Waiting | undefined {
  let first: Waiting | undefined;
  for (const timer of timers) if (timer.at <= end && (first === undefined || timer.at < first.at)) first = timer;
  return first;
}

function inMs(time: number | string): number {
  if (typeof time === 'number') return time;
  const [, count, unit = ''] = /^\s*(\d+(?:\.\d+)?)\s*([a-z]+)\s*$/i.exec(time) ?? [];
  const name = unit.toLowerCase();
  const ms = units[name] ?? units[name.replace(/s$/, '')];
  if (count === undefined || ms === undefined)
    throw new Error(`"${time}" is no duration such as 1500, "90 s" or "3 days".`);
  return Number(count) * ms;
}

/** Long enough for chains of promises, and for what the event loop has at hand. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** Randomness that is the same for the same seed. Default: 1. */
export function fakeRandom(seed: number = 1): Random {
  let state = seed >>> 0;
  // mulberry32
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  return {
    fraction: () => next() / 2 ** 32,
    bytes: (count) => Uint8Array.from({ length: count }, () => next() & 0xff),
  };
}
