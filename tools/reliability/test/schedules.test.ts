import { effort } from '@tidings/testing';
import { expect, it } from 'vitest';
import { trySchedules } from '../src/simulation/schedules.ts';
import { seed } from '../src/simulation/seed.ts';
import { storeMaker } from '../src/simulation/stores.ts';

it.for([
  ['memory', effort({ quick: 50, ci: 500, verify: 20_000 })],
  ['sqlite', effort({ quick: 10, ci: 100, verify: 4_000 })],
] as const)(
  `random schedules keep every promise: %s, %i runs, seed ${seed}`,
  { timeout: 1_800_000 },
  async ([kind, runs]) => {
    const stores = await storeMaker(kind);
    const begun = performance.now();
    try {
      expect(await trySchedules({ stores, kind, runs, seed })).toBeUndefined();
      const seconds = ((performance.now() - begun) / 1000).toFixed(1);
      console.log(`schedules, ${kind}: ${runs} runs · ${seconds} s · seed ${seed}`);
    } finally {
      stores.close();
    }
  },
);
