import { parseArgs } from 'node:util';
import { joinedValues } from '../joined-values.ts';
import { type FaultMode, faultModes } from './fault.ts';
import { scenarios } from './scenarios.ts';
import { type StoreKind, storeKinds } from './stores.ts';

/** What to simulate. */
export interface SimulationOptions {
  /** Null: all. */
  readonly scenario: string | null;
  readonly store: StoreKind;
  readonly seed: number;
  /** One fault alone. */
  readonly fault: { readonly operation: number; readonly mode: FaultMode } | null;
  /** Faults at every so many operations. */
  readonly every: number;
  /** Random scenarios instead. */
  readonly schedules: { readonly runs: number; readonly path: string | null } | null;
}

const names = scenarios.map(({ name }) => name);

export const simulationUsage = `npm run simulate -- [options]
  --scenario   ${names.join(', ')} (default: all)
  --store      ${storeKinds.join(', ')} (default: memory)
  --seed       repeats what is random (default: 1)
  --every      a fault at every so many operations (default: 1)
  --operation  one fault alone, at the operation of this number; needs --scenario and --mode
  --mode       its kind: ${faultModes.join(', ')}
  --schedules  random scenarios instead
  --runs       how many of them (default: 1000)
  --path       only the one a test found`;

/** Reads the command line; throws with what is wrong. */
export function readSimulationOptions(args: readonly string[]): SimulationOptions {
  const { values } = parseArgs({
    args: joinedValues(args),
    options: {
      scenario: { type: 'string' },
      store: { type: 'string' },
      seed: { type: 'string' },
      operation: { type: 'string' },
      mode: { type: 'string' },
      every: { type: 'string' },
      schedules: { type: 'boolean' },
      runs: { type: 'string' },
      path: { type: 'string' },
    },
  });
  const apart = values.schedules ? (['scenario', 'operation', 'mode', 'every'] as const) : (['runs', 'path'] as const);
  for (const option of apart) {
    if (values[option] === undefined) continue;
    throw new Error(`--${option} ${values.schedules ? 'means nothing with' : 'needs'} --schedules.`);
  }
  const { operation, mode, scenario } = values;
  if ((operation === undefined) !== (mode === undefined)) throw new Error('--operation and --mode need each other.');
  if (operation !== undefined && scenario === undefined) throw new Error('--operation needs --scenario.');
  if (operation !== undefined && values.every !== undefined) throw new Error('--every means nothing with --operation.');
  return {
    scenario: scenario === undefined ? null : oneOf('scenario', names, scenario),
    store: oneOf('store', storeKinds, values.store ?? 'memory'),
    seed: numberOf('seed', values.seed ?? '1', 0),
    fault:
      operation === undefined || mode === undefined
        ? null
        : { operation: numberOf('operation', operation, 1), mode: oneOf('mode', faultModes, mode) },
    every: numberOf('every', values.every ?? '1', 1),
    schedules: values.schedules
      ? { runs: numberOf('runs', values.runs ?? '1000', 1), path: values.path ?? null }
      : null,
  };
}

function numberOf(option: string, given: string, least: number): number {
  const number = Number(given);
  if (!/^\d+$/.test(given) || number < least) {
    throw new Error(`--${option} is ${JSON.stringify(given)}; it must be a whole number from ${least}.`);
  }
  return number;
}

function oneOf<const Name extends string>(option: string, allowed: readonly Name[], given: string): Name {
  const found = allowed.find((name) => name === given);
  if (found === undefined) throw new Error(`--${option} is "${given}"; it may be ${allowed.join(', ')}.`);
  return found;
}
