// npm run bench
import { performance } from 'node:perf_hooks';
import { cells } from './plan/cells.ts';
import { measures } from './plan/measures.ts';
import { buildPackages } from './rig/build-packages.ts';
import { chooseRows } from './rig/choose-rows.ts';
import { describeMachine } from './rig/describe-machine.ts';
import { describeResults } from './rig/describe-results.ts';
import { driftedRounds } from './rig/drift.ts';
import { findServers } from './rig/find-servers.ts';
import { judgeMeasures } from './rig/judge-measures.ts';
import { mergeResults, sameMachine } from './rig/merge-results.ts';
import { type BenchOptions, readOptions, usage } from './rig/read-options.ts';
import { readResults, writeResults } from './rig/results-file.ts';
import { runRounds } from './rig/run-rounds.ts';
import { showProgress } from './rig/show-progress.ts';
import { startCase } from './rig/start-case.ts';
import { summarizeCells } from './rig/summarize-cells.ts';
import { writeDocs } from './rig/write-docs.ts';

/** How long rounds may take, in s; what is left of the promised minutes is for what comes before and after. */
const budgets = { full: 14 * 60, quick: 50, growth: null, soak: null } as const;

if (process.argv.includes('--help')) console.log(usage);
else await main();

async function main(): Promise<void> {
  let options: BenchOptions;
  try {
    options = readOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`${usage}\n\n${error instanceof Error ? error.message : error}`);
    process.exitCode = 2;
    return;
  }
  try {
    if (options.mode !== null) await measure({ ...options, mode: options.mode });
    if (options.docs) console.log(`Written: ${writeDocs(readResults()).join(', ')}`);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}

async function measure({
  mode,
  only,
  minutes,
  rounds,
}: BenchOptions & { mode: NonNullable<BenchOptions['mode']> }): Promise<void> {
  const begun = performance.now();
  const { servers, env } = await findServers(process.env);
  const chosen = chooseRows({ cells, measures }, { mode, only, minutes, servers: new Set(servers.keys()) });
  const without = new Set(chosen.leftOut.flatMap((each) => each.without));
  for (const name of without) console.log(`Left out: all that needs ${name}, which does not answer.`);
  if (Object.keys(chosen.cells).length === 0) throw new Error('Nothing is left to measure.');

  if (Object.values(chosen.cells).some(({ built }) => built)) await buildPackages();
  const machine = await describeMachine(servers);
  const ran = await runRounds(chosen.cells, {
    rounds,
    budgetSeconds: budgets[mode],
    start: (cell) => startCase(cell, env),
    progress: showProgress(),
  });
  if (ran.cut) console.log(`No time for more than ${ran.rounds} of ${rounds} rounds.`);

  const date = new Date().toISOString();
  const measured = { mode, date, ...ran, drifted: driftedRounds(ran.calibrations) };
  const found = {
    date,
    machine,
    measures: judgeMeasures(chosen.measures, measured),
    cells: summarizeCells(chosen.cells, measured),
    calibration: { [mode]: ran.calibrations },
  };
  const known = readResults();
  if (known && !sameMachine(known.machine, machine)) console.log('What another machine measured is replaced.');
  writeResults(mergeResults(known, found));
  for (const line of describeResults(found)) console.log(line);
  console.log(`\nTook ${Math.round((performance.now() - begun) / 1000)} s. All figures: bench/results.json`);
  if (ran.failures.size > 0) process.exitCode = 1;
}
