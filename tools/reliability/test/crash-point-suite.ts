import { effort } from '@tidings/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tryCrashPoints } from '../src/simulation/crash-points.ts';
import { scenarios } from '../src/simulation/scenarios.ts';
import { seed } from '../src/simulation/seed.ts';
import { type StoreKind, type StoreMaker, storeMaker } from '../src/simulation/stores.ts';

/** Every scenario on one kind of store, with faults at each of its operations, or at some while working. */
export function crashPointSuite(kind: StoreKind): void {
  describe(`crash points, ${kind}, seed ${seed}`, () => {
    const every = effort({ quick: 50, ci: 10, verify: 1 });
    const begun = performance.now();
    let stores: StoreMaker;
    let operations = 0;
    let runs = 0;
    beforeAll(async () => {
      stores = await storeMaker(kind);
    });
    afterAll(() => {
      stores.close();
      const seconds = ((performance.now() - begun) / 1000).toFixed(1);
      const what = `${scenarios.length} scenarios · ${operations} operations · every ${every}`;
      console.log(`crash points, ${kind}: ${what} · ${runs} runs · ${seconds} s · seed ${seed}`);
    });
    it.for(scenarios.map((scenario, index) => [scenario.name, index] as const))(
      '%s',
      { timeout: 600_000 },
      async ([, index]) => {
        const scenario = scenarios[index] ?? expect.fail('no such scenario');
        const tried = await tryCrashPoints({ scenario, kind, stores, seed, every, offset: seed + index });
        operations += tried.operations;
        runs += tried.runs;
        expect(tried.findings).toEqual([]);
      },
    );
  });
}
