import type { Cell } from '../plan/plan.ts';
import type { Measured } from './judge-measures.ts';
import { spreadOf } from './median.ts';
import type { CellResult } from './results.ts';

/** What each cell comes to over its rounds. */
export function summarizeCells(
  cells: Readonly<Record<string, Cell>>,
  measured: Measured,
): Readonly<Record<string, CellResult>> {
  return Object.fromEntries(Object.entries(cells).map(([name, cell]) => [name, summarize(name, cell, measured)]));
}

function summarize(name: string, { figure = 'rate', unit = 'msg/s' }: Cell, measured: Measured): CellResult {
  const rounds = measured.samples.get(name) ?? new Map();
  const samples = [...rounds.values()];
  const error = measured.failures.get(name);
  const names = [...new Set(samples.flatMap((sample) => Object.keys(sample)))];
  const figures = Object.fromEntries(
    names.map((each) => [each, spreadOf(samples.map((sample) => sample[each]).filter(Number.isFinite))]),
  );
  return {
    ...figures[figure],
    figure,
    unit,
    figures,
    rounds: samples.length,
    mode: measured.mode,
    drifted: [...rounds.keys()].some((round) => measured.drifted.has(round)),
    ...(error === undefined ? {} : { error }),
    date: measured.date,
  };
}
