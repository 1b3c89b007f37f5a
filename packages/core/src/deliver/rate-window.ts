/**
 * At most `limit` starts in any window of `perMs`: the exact count, not an average. A start is reserved first and counts
 * from when it really begins, so that time spent between the two cannot squeeze two windows into one.
 */
export interface RateWindow {
  /** Starts allowed now. */
  free(nowMs: number): number;
  /** Sets starts aside. */
  reserve(count: number): void;
  /** One of the reserved starts happens now. */
  begin(nowMs: number): void;
  /** Gives back reserved starts that will not happen. */
  giveBack(count: number): void;
  /** Ms until the next start is allowed; 0: now; undefined: not before a reserved start begins or is given back. */
  waitMs(nowMs: number): number | undefined;
}

/** `share()` is how many processes use the limit together; each takes its part, at least one start a window. */
export function createRateWindow(limit: number, perMs: number, share: () => number): RateWindow {
  let starts: number[] = [];
  let reserved = 0;

  function trim(nowMs: number): void {
    const first = starts.findIndex((at) => at > nowMs - perMs);
    if (first < 0) starts = [];
    else if (first > 0) starts = starts.slice(first);
  }
  const allowed = (): number => Math.max(1, Math.floor(limit / Math.max(1, share())));

  return {
    free(nowMs) {
      trim(nowMs);
      return Math.max(0, allowed() - starts.length - reserved);
    },
    reserve(count) {
      reserved += count;
    },
    begin(nowMs) {
      reserved -= 1;
      starts.push(nowMs);
    },
    giveBack(count) {
      reserved -= count;
    },
    waitMs(nowMs) {
      trim(nowMs);
      const tooMany = starts.length + reserved - allowed();
      if (tooMany < 0) return 0;
      const leaves = starts[tooMany];
      return leaves === undefined ? undefined : Math.max(1, leaves + perMs - nowMs);
    },
  };
}
