import type { Store } from '@tidings/core/spec';
import { checkHistory } from '../invariants/check-history.ts';
import { emptyHistory, type History } from '../invariants/history.ts';
import { readRows } from '../invariants/read-rows.ts';
import type { Violation } from '../invariants/violation.ts';
import { Client } from './client.ts';
import type { Fault } from './fault.ts';
import { Host } from './host.ts';
import type { Plant } from './plant.ts';
import { Provider } from './ports.ts';
import type { Scenario } from './scenario.ts';
import { settings } from './settings.ts';
import type { StoreMaker } from './stores.ts';
import { HotLoop, World } from './world.ts';

/** One run. */
export interface Simulation {
  readonly scenario: Scenario;
  readonly stores: StoreMaker;
  readonly seed: number;
  readonly faults?: readonly Fault[];
  /** In which order operations that wait at a port go on; empty: each at once. */
  readonly picks?: readonly number[];
  /** Something wrong on purpose. */
  readonly plant?: Plant;
}

/** What a run came to. */
export interface Simulated {
  readonly violations: readonly Violation[];
  readonly operations: readonly string[];
  readonly injected: readonly Fault[];
  readonly history: History;
  /** Virtual ms. */
  readonly elapsed: number;
}

// Longer than every wait, retry and lease of a run one after the other.
const longestMs = 7_200_000;
const restMs = 20_000;

/** Runs a scenario to its end and until nothing is left to do, stops every engine, and checks what was seen. */
export async function simulate(run: Simulation): Promise<Simulated> {
  const world = new World(run.faults ?? [], run.picks ?? []);
  const made = run.stores.make(world.clock.now);
  try {
    return await play(run, world, made.store);
  } catch (error) {
    if (!(error instanceof HotLoop)) throw error;
    for (const process of world.processes) world.kill(process);
    const says = `an engine goes round in circles: ${error.message}`;
    const violations = [{ invariant: 'I2' as const, subject: 'the run', says }];
    const { operations, injected } = world;
    return { violations, operations, injected, history: emptyHistory, elapsed: world.clock.elapsed };
  } finally {
    await made.close();
  }
}

async function play({ scenario, seed, plant = {} }: Simulation, world: World, truth: Store): Promise<Simulated> {
  const provider = new Provider(world, scenario.provider ?? (() => 'accept'));
  const store = plant.store?.(truth) ?? truth;
  const setup = {
    world,
    store,
    truth,
    plant,
    seed,
    provider: scenario.provider ?? (() => 'accept'),
    prepare: scenario.prepare,
  };
  const names = scenario.hosts ?? ['a'];
  const hosts = new Map(names.map((name) => [name, new Host(name, setup, provider)]));
  for (const host of hosts.values()) host.start();

  const played = await goOn(world, scenario.run(new Client(world, hosts)));
  const until = world.clock.elapsed + longestMs;
  while (played && (await isOpen(truth, world)) && (await world.step(until))) {}
  for (const host of hosts.values()) host.start();
  const stopped = await goOn(world, Promise.all([...hosts.values()].map((host) => host.stop())));
  // What should have ended would show itself now.
  const rest = world.clock.elapsed + restMs;
  while (await world.step(rest)) {}

  const history = await historyOf(world, truth);
  const hung: Violation[] = played && stopped ? [] : [hangs(played)];
  return {
    violations: [...checkHistory(history), ...hung],
    operations: world.operations,
    injected: world.injected,
    history,
    elapsed: world.clock.elapsed,
  };
}

/** Lets time go on until it is done; false: it never is. */
async function goOn(world: World, work: Promise<unknown>): Promise<boolean> {
  let done = false;
  let failed: { readonly error: unknown } | undefined;
  work.then(
    () => {
      done = true;
    },
    (error: unknown) => {
      failed = { error };
    },
  );
  const until = world.clock.elapsed + longestMs;
  await world.settle();
  while (!done && !failed && (await world.step(until))) {}
  if (failed) throw failed.error;
  return done;
}

async function isOpen(store: Store, { recorder }: World): Promise<boolean> {
  for (const { id } of recorder.scopes.values()) {
    const messages = await store.listMessages({ scope: id, status: ['queued'], limit: 1 });
    if (messages.items.length > 0) return true;
    const runs = await store.listNotifications({ scope: id, status: ['running', 'waiting'], limit: 1 });
    if (runs.items.length > 0) return true;
  }
  return false;
}

function hangs(played: boolean): Violation {
  const says = played ? 'an engine did not stop' : 'a call of the application was never answered';
  return { invariant: played ? 'I13' : 'I2', subject: 'the run', says };
}

async function historyOf({ recorder }: World, store: Store): Promise<History> {
  const scopes = [...recorder.scopes.values()];
  const numbered = <Row extends { readonly scope: { readonly tenant: string; readonly mode: string } }>(
    rows: Iterable<Row>,
  ) =>
    [...rows].flatMap(({ scope, ...row }) => {
      const found = scopes.find(({ tenant, mode }) => tenant === scope.tenant && mode === scope.mode);
      return found ? [{ ...row, scope: found.id }] : [];
    });
  const rows = await readRows(store, scopes, {
    keys: numbered(recorder.keys.values()),
    broadcasts: numbered(recorder.broadcasts),
  });
  const { sends, calls, stops, broadcasts, excuses, shutdowns, writes } = recorder;
  return {
    ...{ sends, calls, stops, broadcasts, excuses, shutdowns, writes, rows, quiet: true },
    texts: [...recorder.texts, { where: 'rows', text: JSON.stringify(rows) }],
    channels: ['email', 'sms', 'push', 'telegram'].map((channel) => ({
      channel,
      unknown: channel === 'sms' ? 'hold' : 'retry',
      attempts: settings.attempts,
    })),
  };
}
