/** How waits between attempts grow. */
export interface RetrySchedule {
  /** The longest first wait, in ms. Default: 10,000. */
  readonly baseMs: number;
  /** Growth from one attempt to the next. Default: 4. */
  readonly factor: number;
  /** The longest wait, in ms. Default: 3,600,000 (an hour). */
  readonly capMs: number;
}

/** The default of {@link RetrySchedule}: attempts after about 10 s, 40 s, 3 min and 11 min at most. */
export const defaultRetrySchedule: RetrySchedule = { baseMs: 10_000, factor: 4, capMs: 3_600_000 };

/**
 * Milliseconds until the attempt after `attempt` (1 for the first): exponential with full jitter, never before what the
 * provider asked for.
 */
export function retryDelay(schedule: RetrySchedule, attempt: number, fraction: number, afterMs = 0): number {
  const ceiling = Math.min(schedule.capMs, schedule.baseMs * schedule.factor ** (attempt - 1));
  return Math.ceil(Math.max(afterMs, fraction * ceiling));
}
