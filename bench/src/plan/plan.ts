/** What a run measures: everything in its few minutes, the little that shows a mistake at once, big tables, or many minutes. */
export type Mode = 'full' | 'quick' | 'growth' | 'soak';

/** A server that a cell needs. */
export type ServerName = 'postgres' | 'mariadb' | 'redis';

/** What is set for a case; given to it as JSON. */
export type Setting = Readonly<Record<string, string | number | boolean>>;

/** One case with one setting: a row of the bench. */
export interface Cell {
  /** The module of the case, relative to `src`. */
  readonly module: string;
  readonly setting: Setting;
  /** What is set otherwise in a quick run. */
  readonly quick?: Setting;
  readonly needs: readonly ServerName[];
  readonly modes: readonly Mode[];
  /** The figure that stands for the cell in tables. Default: `rate`. */
  readonly figure?: string;
  /** Of that figure. Default: `msg/s`. */
  readonly unit?: string;
  /** Runs with `--expose-gc`. */
  readonly gc?: boolean;
  /** Needs the built packages. */
  readonly built?: boolean;
  /** Rounds it takes part in at most. Default: all. */
  readonly rounds?: number;
  /** How long one run takes, about; until it has run, the time left is reckoned with it. Default: 6. */
  readonly seconds?: number;
}

/** One figure of one cell. */
export interface Figure<Name extends string = string> {
  readonly cell: Name;
  /** Default: `rate`. */
  readonly figure?: string;
}

/** What the figures say: one figure, or one over another of the same round, and how good it must be. */
export interface Measure<Name extends string = string> {
  /** Never changes: others look it up by it. */
  readonly name: string;
  /** In words. */
  readonly says: string;
  readonly of: Figure<Name>;
  /** Then the measure is a ratio. */
  readonly over?: Figure<Name>;
  /** `×` for a ratio. */
  readonly unit: string;
  /** The bound; without `atLeast` and `atMost` the measure only informs. */
  readonly atLeast?: number;
  readonly atMost?: number;
  /** What would be better still. */
  readonly reachFor?: number;
  readonly modes: readonly Mode[];
}

/** Everything that can be measured. */
export interface Plan {
  readonly cells: Readonly<Record<string, Cell>>;
  readonly measures: readonly Measure[];
}
