/** Process time. It drives deadlines and timers only; times in rows are the store's own. Injected, so tests own it. */
export interface Clock {
  /** Wall clock, milliseconds since 1970 UTC. */
  now(): number;
  /** Never goes back; milliseconds from an arbitrary start. */
  monotonic(): number;
  /** Runs `task` once after `ms`. Delays over 2^31 ms are allowed. `hold: false` lets the process exit meanwhile; default true. */
  after(ms: number, task: () => void, options?: { hold?: boolean }): Timer;
}

/** A running timer. */
export interface Timer {
  /** Stops it; harmless afterwards. */
  cancel(): void;
}

/** Randomness, injected so that a failure can be replayed. */
export interface Random {
  /** 0 ≤ x < 1, for jitter. */
  fraction(): number;
  /** Bytes fit for ids and secrets. */
  bytes(count: number): Uint8Array;
}
