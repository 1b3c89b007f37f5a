// npm run simulate: repeats what a test found, or runs one scenario as often as wanted.
import { tryCrashPoints } from './crash-points.ts';
import { scenarioNamed, scenarios } from './scenarios.ts';
import { trySchedules } from './schedules.ts';
import { simulate } from './simulate.ts';
import { readSimulationOptions, type SimulationOptions, simulationUsage } from './simulation-options.ts';
import { type StoreMaker, storeMaker } from './stores.ts';

if (process.argv.includes('--help')) console.log(simulationUsage);
else await run();

async function run(): Promise<void> {
  let options: SimulationOptions;
  try {
    options = readSimulationOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`${simulationUsage}\n\n${error instanceof Error ? error.message : error}`);
    process.exitCode = 2;
    return;
  }
  const stores = await storeMaker(options.store);
  try {
    if (options.schedules) await schedules(options, stores);
    else if (options.fault) await one(options, stores);
    else await crashPoints(options, stores);
  } finally {
    stores.close();
  }
}

/** One run with one fault, operation by operation. */
async function one({ scenario: name, fault, seed }: SimulationOptions, stores: StoreMaker): Promise<void> {
  const scenario = scenarioNamed(name ?? '');
  const faults = fault ? [fault] : [];
  const { operations, violations, history } = await simulate({ scenario, stores, seed, faults });
  for (const [index, name] of operations.entries()) {
    console.log(
      `${String(index + 1).padStart(4)} ${name}${index + 1 === fault?.operation ? `   ← ${fault.mode}` : ''}`,
    );
  }
  for (const { id, status, timeline } of history.rows.messages) {
    console.log(`message ${id}: ${status}\n${timeline.map((entry) => `  ${JSON.stringify(entry)}`).join('\n')}`);
  }
  for (const call of history.calls) console.log(`call ${JSON.stringify(call)}`);
  report(violations.length, JSON.stringify(violations, null, 2), seed);
}

/** Every operation of a scenario, or of all. */
async function crashPoints(
  { scenario: name, store, seed, every }: SimulationOptions,
  stores: StoreMaker,
): Promise<void> {
  const chosen = name === null ? scenarios : [scenarioNamed(name)];
  let found = 0;
  for (const scenario of chosen) {
    const begun = performance.now();
    const tried = await tryCrashPoints({
      scenario,
      kind: store,
      stores,
      seed,
      every,
      offset: seed,
    });
    const seconds = ((performance.now() - begun) / 1000).toFixed(1);
    console.log(`${scenario.name}: ${tried.operations} operations · ${tried.runs} runs · ${seconds} s`);
    for (const { command, violations } of tried.findings) console.log(JSON.stringify(violations, null, 2), command);
    found += tried.findings.length;
  }
  report(found, `${found} runs broke a promise`, seed);
}

async function schedules({ schedules, store, seed }: SimulationOptions, stores: StoreMaker): Promise<void> {
  const { runs = 0, path = null } = schedules ?? {};
  const found = await trySchedules({ stores, kind: store, runs, seed, ...(path === null ? {} : { path }) });
  report(found === undefined ? 0 : 1, found ?? '', seed);
}

function report(found: number, what: string, seed: number): void {
  console.log(found === 0 ? `Every promise was kept. Seed ${seed}.` : what);
  if (found > 0) process.exitCode = 1;
}
