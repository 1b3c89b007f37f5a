import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { ChaosOptions } from './chaos-options.ts';
import type { ClientCommand, ClientOrder, ClientReport } from './client.ts';
import { type FaultEntry, ledgerFiles, tenants } from './entries.ts';
import { createFleet, type Fleet } from './fleet.ts';
import type { Judgement } from './judge/judge.ts';
import type { CheckerOrder } from './judge/main.ts';
import { openLedger } from './ledger.ts';
import { monotonic } from './monotonic.ts';
import { openPlace } from './open-place.ts';
import type { ProviderOrder } from './provider.ts';
import { seeded } from './seeded.ts';
import { type Manners, type Place, settings } from './settings.ts';
import { endProgram, firstReport, startProgram } from './start-program.ts';
import { surroundings } from './surroundings.ts';
import { watchLateness } from './watch-lateness.ts';

/** What a run came to. */
export interface ChaosResult extends Judgement {
  readonly seconds: number;
  /** Where the ledgers are, when they were kept. */
  readonly folder: string | null;
}

/** Longest a run may take once faults have ceased, beyond what the rules allow a single message. */
const patienceMs = 60_000;

/**
 * One run: places a database, a provider, workers and a client, strikes while the client sends, lets everything come to
 * its end, stops the workers and has the checker judge what is left.
 */
export async function runChaos(options: ChaosOptions): Promise<ChaosResult> {
  const began = monotonic();
  const lateness = watchLateness();
  const folder = await mkdtemp(join(tmpdir(), 'tidings-chaos-'));
  const ledger = await openLedger<FaultEntry>(join(folder, ledgerFiles.faults));
  const around = await surroundings(options, folder, ledger);
  const children: ChildProcess[] = [];
  let fleet: Fleet | undefined;
  let keep = true;
  try {
    const provider: ProviderOrder = { folder, seed: options.seed, manners: mannersOf(options) };
    const providing = startProgram('provider.ts', 'TIDINGS_CHAOS_PROVIDER', provider, folder);
    children.push(providing);
    const { ready: port } = await firstReport<{ ready: number }>(providing, 'provider');

    const client = startClient(options, folder);
    children.push(client.child);
    fleet = createFleet(
      options.processes,
      {
        folder,
        place: around.place,
        queue: options.queue,
        redis: around.redis,
        prefix: around.prefix,
        provider: port,
        unknown: options.unknown,
        plant: options.plant,
      },
      ledger,
      (ports) => client.tell({ ports }),
      client.progress,
    );
    await fleet.whole();
    await Promise.race([strikeAll(options, client, around.strike(fleet)).then(() => client.done), fleet.broken]);
    await fleet.whole();
    const quiet = await settled(around.direct);
    await fleet.stop();
    await ledger.close();

    const order: CheckerOrder = { folder, place: around.direct, options, quiet, lateMs: lateness.worst() };
    const checker = startProgram('judge/main.ts', 'TIDINGS_CHAOS_CHECKER', order, folder);
    children.push(checker);
    const judgement = await firstReport<Judgement>(checker, 'checker');
    await once(checker, 'exit');
    keep = options.keep || judgement.violations.length > 0;
    return { ...judgement, seconds: (monotonic() - began) / 1000, folder: keep ? folder : null };
  } finally {
    lateness.stop();
    await fleet?.abandon();
    await Promise.all(children.map(endProgram));
    await around.end();
    await rm(keep ? join(folder, 'compiled') : folder, { recursive: true, force: true });
  }
}

interface Client {
  readonly child: ChildProcess;
  readonly done: Promise<void>;
  tell(command: ClientCommand): void;
  progress(accepted: number): void;
  /** Resolves when this many sends were acknowledged, or the client is done. */
  reached(count: number): Promise<void>;
}

function startClient(options: ChaosOptions, folder: string): Client {
  const order: ClientOrder = {
    folder,
    seed: options.seed,
    messages: options.messages,
    concurrency: 32,
    broadcast: options.mode === 'broadcast',
  };
  const child = startProgram('client.ts', 'TIDINGS_CHAOS_CLIENT', order, folder);
  let count = 0;
  let over = false;
  let waiting: (() => void)[] = [];
  const tellAll = (): void => {
    const all = waiting;
    waiting = [];
    for (const one of all) one();
  };
  const progress = (accepted: number): void => {
    count = Math.max(count, accepted);
    tellAll();
  };
  const done = new Promise<void>((resolve, reject) => {
    child.on('message', (report: ClientReport) => {
      if ('acknowledged' in report) progress(report.acknowledged);
      else {
        over = true;
        tellAll();
        resolve();
      }
    });
    child.on('exit', (code) => {
      if (!over) reject(new Error(`The client ended with ${code} before it was done.`));
    });
  });
  done.catch(() => {});
  return {
    child,
    done,
    tell(command) {
      if (child.connected) child.send(command, () => {});
    },
    progress,
    async reached(wanted) {
      while (count < wanted && !over) await Promise.race([new Promise<void>((resolve) => waiting.push(resolve)), done]);
    },
  };
}

/** Spreads the strikes over the run: each comes somewhere within its share of the sends, and the next share waits for it. */
async function strikeAll(options: ChaosOptions, client: Client, strike: () => Promise<void>): Promise<void> {
  const random = seeded(options.seed, 'pace');
  const share = options.messages / (options.kills + 1);
  for (let struck = 0; struck < options.kills; struck += 1) {
    client.tell({ limit: Math.ceil((struck + 1.5) * share) });
    await client.reached(Math.floor((struck + 0.2 + 0.7 * random.fraction()) * share));
    await strike();
  }
  client.tell({ limit: Number.MAX_SAFE_INTEGER });
}

/** Waits until nothing is open any more; false when that takes longer than it may. */
async function settled(place: Place): Promise<boolean> {
  const bound = settings.leaseMs + settings.sweepMs + settings.attempts * settings.retry.capMs + patienceMs;
  const from = monotonic();
  const open = await openPlace(place);
  try {
    const scopes = await Promise.all(tenants.map(({ tenant, mode }) => open.store.scope(tenant, mode)));
    while (monotonic() - from < bound) {
      const pages = await Promise.all(
        scopes.map((scope) => open.store.listMessages({ scope, status: ['queued'], limit: 1 })),
      );
      if (pages.every(({ items }) => items.length === 0)) return true;
      await wait(200);
    }
    return false;
  } finally {
    await open.store.close();
    await open.close();
  }
}

function mannersOf({ mode, plant }: ChaosOptions): Manners {
  const good: Manners = { busy: 0.01, tooMany: 0, late: 0, closed: 0, stalled: 0, slowMs: plant === null ? 30 : 60 };
  if (mode === 'broadcast') return { ...good, busy: 0, slowMs: 2 };
  if (mode !== 'provider') return good;
  return { busy: 0.05, tooMany: 0.005, late: 0.03, closed: 0.03, stalled: 0.02, slowMs: 30 };
}
