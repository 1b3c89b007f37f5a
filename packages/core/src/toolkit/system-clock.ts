import { randomBytes } from 'node:crypto';
import type { Clock, Random } from '../spec/index.ts';

// The longest delay a timer of Node takes; a longer one would fire at once.
const longest = 2 ** 31 - 1;

/** The clock of this computer. */
export const systemClock: Clock = {
  now: Date.now,
  monotonic: () => performance.now(),
  after(ms, task, { hold = true } = {}) {
    const end = performance.now() + ms;
    let timer: NodeJS.Timeout;
    const wait = (left: number): void => {
      timer = setTimeout(
        left > longest ? () => wait(end - performance.now()) : task,
        Math.min(Math.max(left, 0), longest),
      );
      if (!hold) timer.unref();
    };
    wait(ms);
    return { cancel: () => clearTimeout(timer) };
  },
};

// Asking the system for a few bytes at a time costs more than an id may. Bytes are handed out once.
const poolSize = 4096;
let pool = new Uint8Array(0);
let used = 0;

/** Randomness of this computer: jitter from `Math.random`, bytes fit for secrets. */
export const systemRandom: Random = {
  fraction: Math.random,
  bytes(count) {
    if (count > poolSize) return new Uint8Array(randomBytes(count));
    if (used + count > pool.length) {
      pool = new Uint8Array(randomBytes(poolSize));
      used = 0;
    }
    used += count;
    return pool.slice(used - count, used);
  },
};
