import type { Cell } from '../plan/plan.ts';
import { formatFigure } from './format-figure.ts';
import type { Sample } from './sample.ts';

/** Told where a run is. */
export interface Progress {
  begins(place: {
    readonly round: number;
    readonly rounds: number;
    readonly cell: number;
    readonly cells: number;
    readonly name: string;
  }): void;
  ends(done: { readonly cell: Cell; readonly sample: Sample; readonly secondsLeft: number }): void;
  fails(why: string): void;
}

/** Writes a line for each run of a cell: its place when it begins, its figure and the time left when it is done. */
export function showProgress(write: (text: string) => void = (text) => process.stdout.write(text)): Progress {
  return {
    begins({ round, rounds, cell, cells, name }) {
      write(`round ${round + 1}/${rounds}  ${String(cell + 1).padStart(2)}/${cells}  ${name.padEnd(28)}`);
    },
    ends({ cell: { figure = 'rate', unit = 'msg/s' }, sample, secondsLeft }) {
      const value = formatFigure(sample[figure], unit).padStart(14);
      write(`${value}   about ${timeOf(secondsLeft)} left\n`);
    },
    fails(why) {
      write(`  FAILED: ${why}\n`);
    },
  };
}

function timeOf(seconds: number): string {
  return seconds < 90 ? `${Math.ceil(seconds)} s` : `${Math.ceil(seconds / 60)} min`;
}
