import type { Machine, Results } from './results.ts';

/** What is known with what was measured now: that replaces what it measured again, all else stays. */
export function mergeResults(known: Results | null, now: Results): Results {
  // figures of two machines must not stand in one table
  if (known === null || !sameMachine(known.machine, now.machine)) return now;
  return {
    date: now.date,
    machine: { ...now.machine, databases: { ...known.machine.databases, ...now.machine.databases } },
    measures: { ...known.measures, ...now.measures },
    cells: { ...known.cells, ...now.cells },
    calibration: { ...known.calibration, ...now.calibration },
  };
}

/** Another Node counts as another machine. */
export function sameMachine(one: Machine, other: Machine): boolean {
  return one.cpus === other.cpus && one.model === other.model && one.node === other.node;
}
