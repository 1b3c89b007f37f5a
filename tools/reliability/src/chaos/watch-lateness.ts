import { monotonic } from './monotonic.ts';

/** How late timers are on this machine: what it does besides is not the engine's fault. */
export interface Lateness {
  /** The worst so far, in ms. */
  worst(): number;
  stop(): void;
}

const everyMs = 50;

/** Begins to watch. */
export function watchLateness(): Lateness {
  let worst = 0;
  let before = monotonic();
  const timer = setInterval(() => {
    const now = monotonic();
    worst = Math.max(worst, now - before - everyMs);
    before = now;
  }, everyMs);
  return { worst: () => worst, stop: () => clearInterval(timer) };
}
