import type { Figure, Measure, Mode } from '../plan/plan.ts';
import { median } from './median.ts';
import type { MeasureResult } from './results.ts';
import type { Sample } from './sample.ts';

/** What the cells of a run measured. */
export interface Measured {
  readonly mode: Mode;
  readonly date: string;
  /** By cell and round. */
  readonly samples: ReadonlyMap<string, ReadonlyMap<number, Sample>>;
  /** By cell: why it failed. */
  readonly failures: ReadonlyMap<string, string>;
  readonly drifted: ReadonlySet<number>;
}

/** What each measure comes to; a ratio is taken within each round, and then the median of the rounds. */
export function judgeMeasures(
  measures: readonly Measure[],
  measured: Measured,
): Readonly<Record<string, MeasureResult>> {
  return Object.fromEntries(measures.map((measure) => [measure.name, judge(measure, measured)]));
}

function judge(measure: Measure, measured: Measured): MeasureResult {
  const { says, of, over, unit, atLeast, atMost, reachFor } = measure;
  const found = [...(measured.samples.get(of.cell)?.keys() ?? [])].flatMap((round) => {
    const value = valueIn(measure, measured, round);
    return value === undefined ? [] : [{ round, value }];
  });
  const failed = [of, ...(over ? [over] : [])].flatMap(({ cell }) => {
    const why = measured.failures.get(cell);
    return why === undefined ? [] : [`${cell}: ${why}`];
  });
  const why = failed.length > 0 ? failed.join('; ') : found.length > 0 ? undefined : missing(of, over);
  const value = why === undefined ? median(found.map((each) => each.value)) : null;
  const bounded = atLeast !== undefined || atMost !== undefined;
  return {
    says,
    value,
    atLeast: atLeast ?? null,
    ...(atMost === undefined ? {} : { atMost }),
    ...(reachFor === undefined ? {} : { reachFor }),
    met:
      value !== null && value >= (atLeast ?? Number.NEGATIVE_INFINITY) && value <= (atMost ?? Number.POSITIVE_INFINITY),
    ...(bounded ? {} : { informative: true as const }),
    unit,
    mode: measured.mode,
    drifted: found.some(({ round }) => measured.drifted.has(round)),
    rounds: found.map((each) => each.value),
    ...(why === undefined ? {} : { why }),
    date: measured.date,
  };
}

function valueIn({ of, over }: Measure, { samples }: Measured, round: number): number | undefined {
  const read = ({ cell, figure = 'rate' }: Figure): number | undefined => samples.get(cell)?.get(round)?.[figure];
  const value = read(of);
  if (!over || value === undefined) return finite(value);
  const divisor = read(over);
  return divisor === undefined ? undefined : finite(value / divisor);
}

function finite(value: number | undefined): number | undefined {
  return Number.isFinite(value) ? value : undefined;
}

function missing(of: Figure, over: Figure | undefined): string {
  const names = [of, ...(over ? [over] : [])].map(({ cell, figure = 'rate' }) => `${figure} of ${cell}`);
  return `no round has ${names.join(' and ')}`;
}
