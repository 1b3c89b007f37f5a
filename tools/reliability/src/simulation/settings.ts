/** Times of every simulated engine, in ms: short, so that a run is, and in the order the defaults have. */
export const settings = {
  deadlineMs: 1_000,
  leaseMs: 4_000,
  pollMs: 1_000,
  sweepMs: 3_000,
  graceMs: 2_000,
  retry: { baseMs: 800, factor: 2, capMs: 3_000 },
  circuitOpenMs: 500,
  attempts: 4,
  delayMs: 400,
  stallMs: 6_000,
  restartMs: 700,
  retryMs: 600,
} as const;
