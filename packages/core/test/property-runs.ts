import { vi } from 'vitest';

const factors: Readonly<Record<string, number>> = { quick: 1, ci: 5, verify: 50 };
const effort = process.env.TIDINGS_EFFORT || 'quick';
const factor = factors[effort];
if (factor === undefined) throw new Error(`TIDINGS_EFFORT is "${effort}"; it may be quick, ci or verify.`);

vi.setConfig({ testTimeout: 10_000 * factor });

/** How many cases a property runs: `quick` of them by default, more as `TIDINGS_EFFORT` asks. */
export function propertyRuns(quick: number): { numRuns: number } {
  return { numRuns: quick * (factor ?? 1) };
}
