import fc from 'fast-check';
import { type RandomRun, randomRun, scenarioOf } from './random-scenario.ts';
import { type Simulated, simulate } from './simulate.ts';
import type { StoreKind, StoreMaker } from './stores.ts';

/** How many random runs, from which seed. */
export interface Schedules {
  readonly stores: StoreMaker;
  readonly kind: StoreKind;
  readonly runs: number;
  readonly seed: number;
  /** Of a failure that was seen before. Default: from the beginning. */
  readonly path?: string;
}

/** Draws runs until one breaks a promise; then the smallest that does, with how to see it again. */
export async function trySchedules({ stores, kind, runs, seed, path }: Schedules): Promise<string | undefined> {
  const property = fc.asyncProperty(randomRun, async (run) => {
    const { violations } = await simulateRandom(run, stores, seed);
    return violations.length === 0;
  });
  const details = await fc.check(property, { numRuns: runs, seed, ...(path === undefined ? {} : { path }) });
  if (!details.failed) return undefined;
  const [run] = details.counterexample as [RandomRun];
  const { violations } = await simulateRandom(run, stores, seed);
  const again = `npm run simulate -- --schedules --store ${kind} --seed ${seed} --path ${details.counterexamplePath}`;
  return `${JSON.stringify(violations, null, 2)}\n${JSON.stringify(run)}\n${again}`;
}

/** One random run. */
export function simulateRandom(run: RandomRun, stores: StoreMaker, seed: number): Promise<Simulated> {
  return simulate({ scenario: scenarioOf(run), stores, seed, faults: run.faults, picks: run.picks });
}
