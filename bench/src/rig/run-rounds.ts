import { performance } from 'node:perf_hooks';
import type { Cell } from '../plan/plan.ts';
import { type Calibration, calibrate } from './calibrate.ts';
import type { Sample } from './sample.ts';
import type { Progress } from './show-progress.ts';

/** What came of all rounds. */
export interface Rounds {
  /** By cell and round. */
  readonly samples: ReadonlyMap<string, ReadonlyMap<number, Sample>>;
  /** By cell: why it failed. It takes no part in later rounds. */
  readonly failures: ReadonlyMap<string, string>;
  /** Before the first round, between rounds, and after the last. */
  readonly calibrations: readonly Calibration[];
  readonly rounds: number;
  /** There was no time for more rounds. */
  readonly cut: boolean;
}

/** How a round is run. */
export interface RoundOptions {
  readonly rounds: number;
  /** No round is begun that would end later, in s. */
  readonly budgetSeconds: number | null;
  start(cell: Cell): Promise<Sample>;
  readonly progress: Progress;
  readonly calibrate?: () => Calibration;
  readonly now?: () => number;
}

/** Runs every cell once a round, in turns, so that a slow minute of the machine touches all alike. */
export async function runRounds(cells: Readonly<Record<string, Cell>>, options: RoundOptions): Promise<Rounds> {
  const { rounds, budgetSeconds, start, progress, now = () => performance.now() / 1000 } = options;
  const measure = options.calibrate ?? calibrate;
  const samples = new Map<string, Map<number, Sample>>(Object.keys(cells).map((name) => [name, new Map()]));
  const failures = new Map<string, string>();
  const taken = new Map(Object.entries(cells).map(([name, { seconds = 6 }]) => [name, seconds]));
  const inRound = (round: number): (readonly [string, Cell])[] =>
    Object.entries(cells).filter(([name, cell]) => !failures.has(name) && round < (cell.rounds ?? rounds));
  const secondsOf = (names: readonly (readonly [string, Cell])[]): number =>
    names.reduce((sum, [name]) => sum + (taken.get(name) ?? 0), 0);
  const secondsFrom = (round: number): number =>
    Array.from({ length: rounds }, (_, each) => each)
      .filter((each) => each >= round)
      .reduce((sum, each) => sum + secondsOf(inRound(each)) + 1, 0);

  const begun = now();
  const calibrations = [measure()];
  let round = 0;
  let cut = false;
  for (; round < rounds; round += 1) {
    const todo = inRound(round);
    if (todo.length === 0) break;
    cut = round > 0 && budgetSeconds !== null && now() - begun + secondsOf(todo) > budgetSeconds;
    if (cut) break;
    for (const [index, [name, cell]] of todo.entries()) {
      const place = { round, rounds, cell: index, cells: todo.length, name };
      progress.begins(place);
      const from = now();
      try {
        const sample = await start(cell);
        samples.get(name)?.set(round, sample);
        taken.set(name, now() - from);
        progress.ends({ cell, sample, secondsLeft: secondsOf(todo.slice(index + 1)) + secondsFrom(round + 1) });
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        failures.set(name, why);
        progress.fails(why);
      }
    }
    calibrations.push(measure());
  }
  return { samples, failures, calibrations, rounds: round, cut };
}
