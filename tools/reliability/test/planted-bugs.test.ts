import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tryCrashPoints } from '../src/simulation/crash-points.ts';
import { plantedBugs } from '../src/simulation/planted-bugs.ts';
import { scenarioNamed } from '../src/simulation/scenarios.ts';
import { type StoreMaker, storeMaker } from '../src/simulation/stores.ts';

// A check that cannot fail proves nothing. The search is the same at every effort, and always finds the same.
describe('the simulation catches', () => {
  let stores: StoreMaker;
  let caught = 0;
  beforeAll(async () => {
    stores = await storeMaker('memory');
  });
  afterAll(() => {
    stores.close();
    console.log(`planted bugs: caught ${caught} of ${plantedBugs.length}`);
  });

  it('at least twelve bugs', () => {
    expect(plantedBugs.length).toBeGreaterThanOrEqual(12);
  });

  it.for(plantedBugs.map((planted) => [planted.bug, planted] as const))(
    '%s',
    { timeout: 60_000 },
    async ([, { plant, breaks, scenarios, modes }]) => {
      const broken = new Set<string>();
      for (const name of scenarios) {
        const scenario = scenarioNamed(name);
        const search = {
          scenario,
          kind: 'memory',
          stores,
          seed: 1,
          every: 1,
          offset: 0,
          plant,
          untilFound: true,
        } as const;
        const { findings } = await tryCrashPoints(modes === undefined ? search : { ...search, modes });
        for (const { violations } of findings) for (const { invariant } of violations) broken.add(invariant);
        if (breaks.some((invariant) => broken.has(invariant))) break;
      }
      expect(breaks.filter((invariant) => broken.has(invariant))).not.toEqual([]);
      caught += 1;
    },
  );
});
