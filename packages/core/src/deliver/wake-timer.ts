import type { Clock, Timer } from '../spec/index.ts';

/** One timer that is only ever brought forward. It holds no process open: who waits for it does. */
export interface WakeTimer {
  /** Wakes in `ms`, whatever was planned. */
  set(ms: number): void;
  /** Wakes in `ms`, unless that is planned earlier. */
  by(ms: number): void;
  cancel(): void;
}

/** Longest wait a timer takes, in ms. */
export const longestTimer: number = 2 ** 31 - 1;

/** `wanted`: whether there is any use in waking by now. */
export function createWakeTimer(clock: Clock, wake: () => void, wanted: () => boolean): WakeTimer {
  let timer: Timer | undefined;
  let at = Number.POSITIVE_INFINITY;

  function set(ms: number): void {
    cancel();
    if (!wanted()) return;
    const wait = Math.max(1, Math.min(ms, longestTimer));
    at = clock.monotonic() + wait;
    timer = clock.after(
      wait,
      () => {
        at = Number.POSITIVE_INFINITY;
        wake();
      },
      { hold: false },
    );
  }

  function cancel(): void {
    timer?.cancel();
    at = Number.POSITIVE_INFINITY;
  }

  return {
    set,
    by(ms) {
      if (clock.monotonic() + ms < at) set(ms);
    },
    cancel,
  };
}
