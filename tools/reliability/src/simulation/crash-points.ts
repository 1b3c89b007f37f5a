import type { Violation } from '../invariants/violation.ts';
import { type FaultMode, faultModes } from './fault.ts';
import type { Plant } from './plant.ts';
import type { Scenario } from './scenario.ts';
import { simulate } from './simulate.ts';
import type { StoreKind, StoreMaker } from './stores.ts';

/** Which operations of a scenario get their faults. */
export interface CrashPoints {
  readonly scenario: Scenario;
  readonly kind: StoreKind;
  readonly stores: StoreMaker;
  readonly seed: number;
  /** Each operation whose number leaves `offset` when divided by this; 1: every one. */
  readonly every: number;
  readonly offset: number;
  /** Default: all. */
  readonly modes?: readonly FaultMode[];
  /** Something wrong on purpose. */
  readonly plant?: Plant;
  /** Ends it at the first violation. Default: false. */
  readonly untilFound?: boolean;
}

/** A run that broke a promise, and how to see it again. */
export interface Finding {
  readonly violations: readonly Violation[];
  readonly command: string;
}

/** What was tried. */
export interface Tried {
  readonly operations: number;
  readonly runs: number;
  readonly findings: readonly Finding[];
}

/** Runs a scenario without a fault, then once for each chosen operation and mode with that fault there. */
export async function tryCrashPoints(points: CrashPoints): Promise<Tried> {
  const { scenario, kind, stores, seed, plant, modes = faultModes } = points;
  const given = { scenario, stores, seed, ...(plant === undefined ? {} : { plant }) };
  const findings: Finding[] = [];
  const found = (violations: readonly Violation[], fault: string): void => {
    if (violations.length === 0) return;
    const command = `npm run simulate -- --scenario ${scenario.name} --store ${kind} --seed ${seed}${fault}`;
    findings.push({ violations, command });
  };
  const plain = await simulate(given);
  found(plain.violations, '');
  const operations = plain.operations.length;
  let runs = 1;
  for (let operation = 1; operation <= operations; operation += 1) {
    if (operation % points.every !== points.offset % points.every) continue;
    for (const mode of modes) {
      if (points.untilFound && findings.length > 0) return { operations, runs, findings };
      const { violations } = await simulate({ ...given, faults: [{ operation, mode }] });
      runs += 1;
      found(violations, ` --operation ${operation} --mode ${mode}`);
    }
  }
  return { operations, runs, findings };
}
