import { parseArgs } from 'node:util';
import { joinedValues } from '../joined-values.ts';
import type { QueueKind, StoreKind } from './settings.ts';
import { type Failpoint, failpointNames } from './worker/failpoints.ts';
import { plants } from './worker/plants.ts';

export const modes = [
  'kill',
  'term',
  'stop-cont',
  'provider',
  'broadcast',
  'restart-database',
  'flush-redis',
  'half-open',
] as const;
export type Mode = (typeof modes)[number];

/** A run, wholly. */
export interface ChaosOptions {
  readonly store: StoreKind;
  readonly queue: QueueKind;
  readonly mode: Mode;
  /** Strikes of the mode; kills where it is `kill`. */
  readonly kills: number;
  readonly messages: number;
  readonly seed: number;
  readonly processes: number;
  readonly unknown: 'retry' | 'hold';
  readonly failpoints: readonly Failpoint[];
  readonly plant: string | null;
  /** Keep the ledgers, and say where they are. */
  readonly keep: boolean;
}

export const chaosUsage = `npm run chaos -- [options]
  --store      sqlite (default), postgres, mariadb
  --queue      in-process (default), bullmq, pg-boss
  --mode       ${modes.join(', ')} (default: kill)
  --kills      kills, or strikes of another mode (default: 10)
  --messages   sends, or recipients of the broadcast (default: 1000)
  --processes  workers at once (default: 2; with a queue between processes 4, every other one only accepts)
  --unknown    retry (default), hold
  --seed       repeats what is random (default: by the clock)
  --failpoints some of ${failpointNames.join(', ')} (default: all)
  --plant      a bug on purpose: ${Object.keys(plants).join(', ')}
  --keep       keeps the ledgers`;

/** Reads the command line; throws with what is wrong. */
export function readChaosOptions(args: readonly string[]): ChaosOptions {
  const { values } = parseArgs({
    args: joinedValues(args),
    options: {
      store: { type: 'string', default: 'sqlite' },
      queue: { type: 'string', default: 'in-process' },
      mode: { type: 'string', default: 'kill' },
      kills: { type: 'string', default: '10' },
      messages: { type: 'string', default: '1000' },
      processes: { type: 'string' },
      unknown: { type: 'string', default: 'retry' },
      seed: { type: 'string' },
      failpoints: { type: 'string', default: failpointNames.join(',') },
      plant: { type: 'string' },
      keep: { type: 'boolean', default: false },
    },
  });
  const mode = oneOf('mode', values.mode, modes);
  const store = oneOf('store', values.store, ['sqlite', 'postgres', 'mariadb'] as const);
  const queue = oneOf('queue', values.queue, ['in-process', 'bullmq', 'pg-boss'] as const);
  if (queue === 'pg-boss' && store !== 'postgres') throw new Error('--queue pg-boss works on --store postgres alone.');
  if (mode === 'flush-redis' && queue !== 'bullmq') throw new Error('--mode flush-redis needs --queue bullmq.');
  if ((mode === 'restart-database' || mode === 'half-open') && store === 'sqlite') {
    throw new Error(`--mode ${mode} needs a database server: --store postgres or mariadb.`);
  }
  return {
    store,
    queue,
    mode,
    kills: count('kills', values.kills, 0),
    messages: count('messages', values.messages, 1),
    processes: count(
      'processes',
      values.processes ?? (queue === 'in-process' ? '2' : '4'),
      queue === 'in-process' ? 1 : 2,
    ),
    seed: values.seed === undefined ? Date.now() % 1_000_000 : count('seed', values.seed, 0),
    unknown: oneOf('unknown', values.unknown, ['retry', 'hold'] as const),
    failpoints: values.failpoints.split(',').map((name) => oneOf('failpoints', name, failpointNames)),
    plant: values.plant === undefined ? null : oneOf('plant', values.plant, Object.keys(plants)),
    keep: values.keep,
  };
}

function oneOf<Name extends string>(option: string, given: string, names: readonly Name[]): Name {
  const found = names.find((name) => name === given);
  if (found === undefined) throw new Error(`--${option} is "${given}"; it may be ${names.join(', ')}.`);
  return found;
}

function count(option: string, given: string, least: number): number {
  const number = Number(given);
  if (!Number.isSafeInteger(number) || number < least)
    throw new Error(`--${option} is "${given}"; it must be a number from ${least}.`);
  return number;
}
