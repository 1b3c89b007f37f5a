import { formatFigure, formatNumber } from './format-figure.ts';
import type { MeasureResult, Results } from './results.ts';

/** What a run found, as lines: its cells, then its measures with their bounds, then what went wrong. */
export function describeResults({ cells, measures }: Results): string[] {
  const failed = Object.entries(cells).filter(([, { error }]) => error !== undefined);
  const missed = Object.entries(measures).filter(([, { met }]) => !met);
  return [
    '',
    ...Object.entries(cells).map(([name, { median, min, max, unit, drifted }]) => {
      const range = min === undefined || max === undefined ? '' : `  (${formatNumber(min)} – ${formatNumber(max)})`;
      return `${name.padEnd(32)}${formatFigure(median, unit).padStart(15)}${range}${drifted ? '  drifted' : ''}`;
    }),
    '',
    ...Object.entries(measures).map(([name, measure]) => {
      const value = formatFigure(measure.value, measure.unit).padStart(12);
      return `${verdictOf(measure).padEnd(8)}${name.padEnd(36)}${value}  ${boundOf(measure)}${measure.drifted ? '  drifted' : ''}`;
    }),
    ...(missed.length > 0 ? ['', `Not met: ${missed.map(([name]) => name).join(', ')}`] : []),
    ...(failed.length > 0 ? ['', ...failed.map(([name, { error }]) => `Failed: ${name}: ${error}`)] : []),
  ];
}

/** `at least 0.5 ×, reach for 0.65`. */
export function boundOf({ atLeast, atMost, reachFor, unit }: MeasureResult): string {
  const bound = [
    ...(atLeast === null ? [] : [`at least ${formatFigure(atLeast, unit)}`]),
    ...(atMost === undefined ? [] : [`at most ${formatFigure(atMost, unit)}`]),
    ...(reachFor === undefined ? [] : [`reach for ${formatNumber(reachFor)}`]),
  ];
  return bound.join(', ');
}

/** In a word. */
export function verdictOf({ met, informative, value }: MeasureResult): string {
  if (value === null) return 'absent';
  return informative ? '' : met ? 'met' : 'NOT MET';
}
