import type { Calibration } from './calibrate.ts';

/** Beyond this, two calibrations are of two different machines. */
export const driftAllowed = 0.25;

/** By how much the faster of two calibrations beats the slower: 0.3 is 30 %. The larger of CPU and disk. */
export function drift(before: Calibration, after: Calibration): number {
  return Math.max(apart(before.cpu, after.cpu), apart(before.fsync, after.fsync));
}

/** Of rounds by their number, those around which the machine changed; calibration `n` was before round `n`. */
export function driftedRounds(calibrations: readonly Calibration[]): ReadonlySet<number> {
  const drifted = new Set<number>();
  for (let round = 0; round + 1 < calibrations.length; round += 1) {
    const [before, after] = [calibrations[round], calibrations[round + 1]];
    if (before && after && drift(before, after) > driftAllowed) drifted.add(round);
  }
  return drifted;
}

function apart(one: number, other: number): number {
  return Math.max(one, other) / Math.min(one, other) - 1;
}
