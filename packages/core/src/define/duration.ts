import { refuse } from './check-options.ts';

type Unit = 'second' | 'minute' | 'hour' | 'day' | 'week';

/** A length of time in words: `'30 seconds'`, `'1 hour'`, `'3 days'`, `'1.5 days'`. A day is 24 hours, whatever the clocks do. */
export type Duration = `${number} ${Unit}` | `${number} ${Unit}s`;

const unitMs: Readonly<Record<Unit, number>> = {
  second: 1000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
  week: 604_800_000,
};

/** 100 years: longer is a slip, and still far from what an integer column holds. */
const longestMs = 100 * 366 * unitMs.day;

/**
 * Milliseconds of a duration, rounded. `owner` is the function whose option at `path` it is.
 *
 * @throws TidingsError `CONFIGURATION_INVALID` for other words, nothing, less than nothing or over 100 years.
 */
export function durationMs(owner: string, path: string, duration: unknown): number {
  const match =
    typeof duration === 'string' ? /^(\d+(?:\.\d+)?) (second|minute|hour|day|week)s?$/.exec(duration) : null;
  const ms = match === null ? Number.NaN : Math.round(Number(match[1]) * unitMs[match[2] as Unit]);
  if (ms > 0 && ms <= longestMs) return ms;
  refuse(owner, path, "must be a duration such as '30 seconds', '1 hour' or '3 days', up to 100 years");
}
