// npm run simulate: repeats what a test found, or runs one scenario as often as wanted.
import { parseArgs } from 'node:util';
import { tryCrashPoints } from './crash-points.ts';
import { type FaultMode, faultModes } from './fault.ts';
import { scenarioNamed, scenarios } from './scenarios.ts';
import { trySchedules } from './schedules.ts';
import { simulate } from './simulate.ts';
import { storeKinds, storeMaker } from './stores.ts';

const { values } = parseArgs({
  options: {
    scenario: { type: 'string' },
    store: { type: 'string', default: 'memory' },
    seed: { type: 'string', default: '1' },
    operation: { type: 'string' },
    mode: { type: 'string' },
    every: { type: 'string', default: '1' },
    schedules: { type: 'boolean', default: false },
    runs: { type: 'string', default: '1000' },
    path: { type: 'string' },
  },
});
const kind = oneOf('store', storeKinds, values.store);
const seed = numberOf('seed', values.seed);
const stores = await storeMaker(kind);
try {
  if (values.schedules) await schedules();
  else if (values.operation === undefined) await crashPoints();
  else await one(numberOf('operation', values.operation));
} finally {
  stores.close();
}

/** One run with one fault, operation by operation. */
async function one(operation: number): Promise<void> {
  const mode: FaultMode = oneOf('mode', faultModes, values.mode);
  const scenario = scenarioNamed(values.scenario ?? '');
  const { operations, violations, history } = await simulate({ scenario, stores, seed, faults: [{ operation, mode }] });
  for (const [index, name] of operations.entries()) {
    console.log(`${String(index + 1).padStart(4)} ${name}${index + 1 === operation ? `   ← ${mode}` : ''}`);
  }
  for (const { id, status, timeline } of history.rows.messages) {
    console.log(`message ${id}: ${status}\n${timeline.map((entry) => `  ${JSON.stringify(entry)}`).join('\n')}`);
  }
  for (const call of history.calls) console.log(`call ${JSON.stringify(call)}`);
  report(violations.length, JSON.stringify(violations, null, 2));
}

/** Every operation of a scenario, or of all. */
async function crashPoints(): Promise<void> {
  const chosen = values.scenario === undefined ? scenarios : [scenarioNamed(values.scenario)];
  let found = 0;
  for (const scenario of chosen) {
    const begun = performance.now();
    const tried = await tryCrashPoints({
      scenario,
      kind,
      stores,
      seed,
      every: numberOf('every', values.every),
      offset: seed,
    });
    const seconds = ((performance.now() - begun) / 1000).toFixed(1);
    console.log(`${scenario.name}: ${tried.operations} operations · ${tried.runs} runs · ${seconds} s`);
    for (const { command, violations } of tried.findings) console.log(JSON.stringify(violations, null, 2), command);
    found += tried.findings.length;
  }
  report(found, `${found} runs broke a promise`);
}

async function schedules(): Promise<void> {
  const path = values.path === undefined ? {} : { path: values.path };
  const found = await trySchedules({ stores, kind, runs: numberOf('runs', values.runs), seed, ...path });
  report(found === undefined ? 0 : 1, found ?? '');
}

function report(found: number, what: string): void {
  console.log(found === 0 ? `Every promise was kept. Seed ${seed}.` : what);
  if (found > 0) process.exitCode = 1;
}

function numberOf(option: string, given: string): number {
  if (!/^\d+$/.test(given)) throw new Error(`--${option} is ${JSON.stringify(given)}; it must be a whole number.`);
  return Number(given);
}

function oneOf<const Name extends string>(option: string, names: readonly Name[], given: string | undefined): Name {
  const found = names.find((name) => name === given);
  if (found === undefined) throw new Error(`--${option} is one of ${names.join(', ')}.`);
  return found;
}
