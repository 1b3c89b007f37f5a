import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chart } from '../plan/chart.ts';
import { describeAsPage } from './describe-as-page.ts';
import { drawBars } from './draw-bars.ts';
import type { Results } from './results.ts';

const folder = fileURLToPath(new URL('../../../docs/', import.meta.url));

/** Writes the page and its chart; throws when nothing was measured yet. */
export function writeDocs(results: Results | null): string[] {
  if (results === null) throw new Error('There is no bench/results.json yet: run npm run bench first.');
  writeFileSync(`${folder}benchmarks.md`, describeAsPage(results));
  writeFileSync(`${folder}benchmarks.svg`, drawBars(chart, results.cells));
  return ['docs/benchmarks.md', 'docs/benchmarks.svg'];
}
