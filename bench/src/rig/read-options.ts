import { parseArgs } from 'node:util';
import type { Mode } from '../plan/plan.ts';

/** What a run is asked for. */
export interface BenchOptions {
  /** Null: nothing is measured. */
  readonly mode: Mode | null;
  readonly docs: boolean;
  readonly only: string | null;
  readonly rounds: number;
  /** Of the soak. */
  readonly minutes: number | null;
}

export const usage = `npm run bench -- [options]
  (no mode)      everything but the next three, in at most 15 minutes
  --quick        SQLite and PostgreSQL with small counts, in at most a minute
  --growth       big tables: 10 million messages, a broadcast to a million; takes long
  --soak         one engine under steady load, and what its memory does
  --minutes n    how long the soak takes (default: 10)
  --only text    only rows whose name contains the text
  --rounds n     how often each is measured (default: 3; with --quick 2)
  --docs         writes docs/benchmarks.md from bench/results.json, after a mode or alone
  --help`;

const defaultRounds: Readonly<Record<Mode, number>> = { full: 3, quick: 2, growth: 1, soak: 1 };

/** Reads the command line; throws with what is wrong. */
export function readOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      growth: { type: 'boolean', default: false },
      soak: { type: 'boolean', default: false },
      docs: { type: 'boolean', default: false },
      only: { type: 'string' },
      rounds: { type: 'string' },
      minutes: { type: 'string' },
    },
  });
  const named = (['quick', 'growth', 'soak'] as const).filter((name) => values[name]);
  if (named.length > 1) throw new Error(`${named.map((name) => `--${name}`).join(' and ')} cannot stand together.`);
  const [mode = 'full' as const] = named;
  if (values.minutes !== undefined && mode !== 'soak') throw new Error('--minutes goes with --soak alone.');
  if (values.only === '') throw new Error('--only is empty; give a part of a name.');
  const measures = named.length > 0 || !values.docs || values.only !== undefined || values.rounds !== undefined;
  return {
    mode: measures ? mode : null,
    docs: values.docs,
    only: values.only ?? null,
    rounds: values.rounds === undefined ? defaultRounds[mode] : read('rounds', values.rounds, /^[1-9]\d{0,2}$/),
    minutes: values.minutes === undefined ? null : read('minutes', values.minutes, /^\d{1,4}(\.\d+)?$/),
  };
}

function read(name: string, given: string, form: RegExp): number {
  if (form.test(given) && Number(given) > 0) return Number(given);
  throw new Error(`--${name} is "${given}"; it must be a number above 0.`);
}
