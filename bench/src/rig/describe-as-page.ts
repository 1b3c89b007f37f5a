import { boundOf, verdictOf } from './describe-results.ts';
import { formatFigure, formatNumber } from './format-figure.ts';
import type { CellResult, MeasureResult, Results } from './results.ts';

/** The page of the documentation that says what was measured. */
export function describeAsPage(results: Results): string {
  const { machine, date, measures, cells } = results;
  const databases = Object.entries(machine.databases).map(([name, version]) => `${name} ${version}`);
  const rounds = Math.max(0, ...Object.values(cells).map((cell) => cell.rounds));
  return `<!-- Made by npm run bench -- --docs. What is changed here is lost. -->

# Benchmarks

What the engine does in a second, beside what the database can take and beside what others do with the same work, on the same machine and in the same run.
**Compare ratios, not rates**: another machine has other rates.

![Messages a second, beside ceilings and peers](benchmarks.svg)

- Measured on ${date.slice(0, 10)}: ${machine.cpus} × ${machine.model}, ${machine.memory} GB, Node ${machine.node}, ${databases.join(', ')}.
- The database servers run on the same machine and share its cores.
- The work: an order confirmation of 2 KB to one of 10,000 contacts, with an idempotency key on every send, to a provider that takes a message at the next turn
  of the event loop. A rate counts from the first send until the last message is done and written, and every case counts its rows afterwards.
- The ceiling is the same rows written by plain SQL in large batches, with nothing decided and nothing rendered.
- Every case has a process of its own and warms up first. All cases take turns, ${rounds === 1 ? 'one round' : `up to ${rounds} rounds`}; a ratio is taken within a round, and what stands here is the
  median of the rounds, with the lowest and the highest.
- Beside each peer stand two setups: as its guide shows it, and with everything in batches that it can take in batches.
- The speed of the machine is measured before, between and after the rounds. Where it changed by more than a quarter, the row says *drifted*: do not trust it.

## Measures

${table(['Measure', 'What it says', 'Value', 'Bound', ''], Object.entries(measures).map(measureRow))}

## Cells

${table(['Cell', 'Median', 'Lowest – highest', 'Other figures', ''], Object.entries(cells).map(cellRow))}

To measure on your machine: \`npm run bench\`, at most 15 minutes; \`npm run bench -- --quick\` takes one.
`;
}

function measureRow([name, measure]: readonly [string, MeasureResult]): string[] {
  const { says, value, unit } = measure;
  return [`\`${name}\``, says, formatFigure(value, unit), boundOf(measure), remarks(verdictOf(measure), measure)];
}

function cellRow([name, cell]: readonly [string, CellResult]): string[] {
  const { median, min, max, unit, figure, figures, error } = cell;
  const range = min === undefined || max === undefined ? '' : `${formatNumber(min)} – ${formatNumber(max)}`;
  const others = Object.entries(figures).filter(([each]) => each !== figure);
  const told = others.map(([each, spread]) => `${each} ${formatNumber(spread.median)}`).join(', ');
  return [name, formatFigure(median, unit), range, told, remarks(error === undefined ? '' : 'failed', cell)];
}

function remarks(verdict: string, { drifted, mode }: Pick<CellResult, 'drifted' | 'mode'>): string {
  const all = [verdict, ...(mode === 'quick' ? ['quick run'] : []), ...(drifted ? ['*drifted*'] : [])];
  return all.filter((each) => each !== '').join(', ');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.map(cellText).join(' | ')} |`).join('\n');
}

function cellText(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
