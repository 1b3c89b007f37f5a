import type { Mode } from '../plan/plan.ts';
import type { Calibration } from './calibrate.ts';
import type { Spread } from './median.ts';

/** The machine that measured. */
export interface Machine {
  readonly cpus: number;
  readonly model: string;
  /** In GB. */
  readonly memory: number;
  readonly node: string;
  readonly databases: Readonly<Record<string, string>>;
}

/** What a measure came to. */
export interface MeasureResult {
  readonly says: string;
  /** The median over the rounds; null when it could not be measured: see `why`. */
  readonly value: number | null;
  /** Null where the bound is an upper one, or there is none. */
  readonly atLeast: number | null;
  readonly atMost?: number;
  readonly reachFor?: number;
  readonly met: boolean;
  /** There is no bound. */
  readonly informative?: true;
  readonly unit: string;
  readonly mode: Mode;
  /** The machine became faster or slower meanwhile. */
  readonly drifted: boolean;
  /** Of each round. */
  readonly rounds: readonly number[];
  readonly why?: string;
  readonly date: string;
}

/** What a cell came to: the spread of the figure that stands for it, and of every figure. */
export interface CellResult extends Partial<Spread> {
  readonly figure: string;
  readonly unit: string;
  readonly figures: Readonly<Record<string, Spread>>;
  readonly rounds: number;
  readonly mode: Mode;
  readonly drifted: boolean;
  readonly error?: string;
  readonly date: string;
}

/** What `bench/results.json` holds. */
export interface Results {
  readonly date: string;
  readonly machine: Machine;
  readonly measures: Readonly<Record<string, MeasureResult>>;
  readonly cells: Readonly<Record<string, CellResult>>;
  /** Of the last run in each mode: before its rounds, between them, and after. */
  readonly calibration: Readonly<Partial<Record<Mode, readonly Calibration[]>>>;
}
