import type { Context } from '../plan/context.ts';
import { afterCommit, joinTransaction, outsideTransaction } from '../plan/host-transaction.ts';
import type { Job } from '../plan/job.ts';
import type { Plan } from '../plan/plan.ts';
import {
  type IdentifierKey,
  type Reads,
  type RowKey,
  type SuppressionHash,
  TidingsError,
  type WakeUp,
} from '../spec/index.ts';
import { type Batcher, createBatcher } from '../toolkit/batcher.ts';
import { isOutcomeUnknown } from '../toolkit/outcome-unknown.ts';
import type { AcceptItem } from './accept-item.ts';
import { type AcceptResult, type Decided, decideAccept } from './decide-accept.ts';
import { keepResult } from './kept-result.ts';
import { reportAccepted } from './report-accepted.ts';
import { createUnsureAccepts, type UnsureAccepts } from './unsure-accepts.ts';

/** What accepting hands on to: the worker of this process, and the queue. */
export interface Handover {
  reserve(count: number, lanes: ReadonlySet<string>): Map<string, number>;
  release(room: ReadonlyMap<string, number>): void;
  /** Lanes that newcomers had better not wait in: paused or failing. Room in one of them is for a call that probes. */
  troubled(): ReadonlySet<string>;
  run(jobs: readonly Job[]): void;
  /** What leases; it resolves once `run` has what was leased. */
  leasing<Result>(accepting: Promise<Result>): Promise<Result>;
  /** Rows that are due and were not leased. */
  wake(wakeUps: readonly WakeUp[]): void;
}

/** Accepts sends in shared commits; an array, and a chunk of a broadcast, is a commit of its own. */
export function createAcceptor(on: Context, handover: Handover): Batcher<AcceptItem, AcceptResult> {
  const unsure = createUnsureAccepts();
  // Where `roundRobin` goes on, by channel.
  let turns: ReadonlyMap<string, number> = new Map();
  const batcher = createBatcher<AcceptItem, AcceptResult>({
    turns: on.turns,
    monotonic: () => on.clock.monotonic(),
    ...(on.store.capabilities.blocking ? { blockMs: 15 } : {}),
    alone: (item) => item.many,
    async run(items) {
      const results = await handover.leasing(accept(items));
      report(items, results, on);
      return results.map((value) => ({ value }));
    },
  });

  async function accept(items: readonly AcceptItem[]): Promise<readonly AcceptResult[]> {
    const count = items.reduce((sum, item) => sum + item.recipients.length * Math.max(1, item.event.steps.length), 0);
    const room = handover.reserve(count, lanesOf(items, on.plan));
    let decided: Awaited<ReturnType<typeof commit>>;
    try {
      decided = await commit(items, { room, troubled: handover.troubled(), turns }, unsure, on);
    } catch (error) {
      handover.release(room);
      throw error;
    }
    turns = decided.turns;
    handOver(decided.results, room, handover);
    return decided.results;
  }

  return {
    idle: batcher.idle,
    get pending() {
      return batcher.pending;
    },
    add: (item) =>
      item.transaction === undefined
        ? outsideTransaction(() => batcher.add(item))
        : acceptJoined(item, item.transaction, on, handover),
  };
}

const noRoom: ReadonlyMap<string, number> = new Map();

/**
 * Accepts a send in the host's transaction: alone, and leasing nothing, since whether its rows will ever be there is the
 * host's to say. Where the engine began the transaction, delivery follows the commit at once; otherwise the due poll finds it.
 */
async function acceptJoined(
  item: AcceptItem,
  transaction: unknown,
  on: Context,
  handover: Handover,
): Promise<AcceptResult> {
  const lanes = { room: noRoom, troubled: handover.troubled(), turns: noRoom };
  const { results } = await commit([item], lanes, createUnsureAccepts(), joinTransaction(on, transaction));
  const [result] = results;
  if (!result) throw new TidingsError('INTERNAL', 'A send was decided on without a result.');
  afterCommit(transaction, () => {
    handOver(results, new Map(), handover);
    report([item], results, on);
  });
  return result;
}

/** Where messages of these items can go. */
function lanesOf(items: readonly AcceptItem[], plan: Plan): ReadonlySet<string> {
  const lanes = new Set<string>();
  for (const { event, mode } of items) {
    for (const channel of event.channels) {
      for (const adapter of plan.adapters[mode].get(channel) ?? []) lanes.add(adapter.name);
    }
  }
  return lanes;
}

// More than there can be: one round for what older secrets ask for, and some for contacts that change meanwhile.
const mostRounds = 10;

async function commit(
  items: readonly AcceptItem[],
  lanes: {
    readonly room: ReadonlyMap<string, number>;
    readonly troubled: ReadonlySet<string>;
    readonly turns: ReadonlyMap<string, number>;
  },
  unsure: UnsureAccepts,
  on: Context,
): Promise<Extract<Decided, { results: unknown }>> {
  const notifications = unsure.reads(items);
  const first = { ...readsOf(items, on), ...(notifications.length === 0 ? {} : { notifications }) };
  let results: readonly AcceptResult[] | undefined;
  let suppressions = first.suppressions ?? [];
  for (let round = 1; round <= mostRounds; round += 1) {
    const begun = on.clock.monotonic();
    const { leaseMs, failover } = on.settings;
    const { find } = unsure;
    const deciding = { plan: on.plan, secrets: on.secrets, leaseMs, failover, begun, find, ...lanes };
    const asked = suppressions;
    const committing = on.telemetry.span('tidings.store.accept', { items: items.length }, () =>
      on.store.commit({
        kind: 'accept',
        patient: items.length === 1,
        reads: { ...first, suppressions: asked },
        decide(facts) {
          const decision = decideAccept(items, facts, asked, deciding, keepResult);
          results = decision.more === undefined && 'results' in decision.result ? decision.result.results : undefined;
          return decision;
        },
      }),
    );
    const decided = await committing.catch((error: unknown) => {
      // Whoever tries these again must not decide anew on what was carried out.
      if (results && isOutcomeUnknown(error)) unsure.note(items, results);
      throw error;
    });
    if ('results' in decided) return decided;
    suppressions = [...asked, ...decided.unread];
  }
  throw new TidingsError('STORE_CONFLICT', 'The contacts of a batch changed faster than they could be read.', {
    retryable: true,
  });
}

function report(items: readonly AcceptItem[], results: readonly AcceptResult[], on: Context): void {
  for (const [index, result] of results.entries()) {
    const item = items[index];
    if (!item || result.kind !== 'accepted') continue;
    for (const outcome of result.outcomes) if (outcome.status === 'accepted') reportAccepted(item, outcome, on);
  }
}

function handOver(results: readonly AcceptResult[], room: Map<string, number>, handover: Handover): void {
  const jobs: Job[] = [];
  const wakeUps = new Map<string, WakeUp & { ids: string[] }>();
  for (const result of results) {
    if (result.kind !== 'accepted') continue;
    for (const outcome of result.outcomes) {
      if (outcome.status !== 'accepted') continue;
      jobs.push(...outcome.jobs);
      for (const message of outcome.waiting) {
        const key = `${message.scope}/${message.lane}/${message.priority}`;
        const wakeUp = wakeUps.get(key);
        if (wakeUp) wakeUp.ids.push(message.id);
        else
          wakeUps.set(key, { scope: message.scope, lane: message.lane, priority: message.priority, ids: [message.id] });
      }
    }
  }
  for (const job of jobs) room.set(job.message.lane, (room.get(job.message.lane) ?? 0) - 1);
  handover.release(room);
  handover.run(jobs);
  if (wakeUps.size > 0) handover.wake([...wakeUps.values()]);
}

function readsOf(items: readonly AcceptItem[], on: Context): Reads {
  const identifiers: IdentifierKey[] = [];
  const contacts: RowKey[] = [];
  const suppressions: SuppressionHash[] = [];
  const idempotency = [];
  const recipients = [];
  const broadcasts = [];
  for (const item of items) {
    const { scope, idempotency: key, broadcast } = item;
    if (key) idempotency.push({ scope, event: item.event.name, key: key.key });
    if (broadcast) broadcasts.push({ scope, id: broadcast.id });
    for (const copy of item.copies) for (const hash of copy.hashes) suppressions.push({ scope, hash });
    for (const { request, key: recipientKey } of item.recipients) {
      for (const key of (broadcast && recipientKey?.stored) ?? []) {
        recipients.push({ scope, broadcastId: broadcast?.id ?? '', key });
      }
      if (request.kind === 'refused') continue;
      if (request.kind === 'address') {
        for (const hash of on.secrets.hashes(request.channel, request.address)) suppressions.push({ scope, hash });
        continue;
      }
      for (const id of request.ids) contacts.push({ scope, id });
      for (const { kind, value } of request.identifiers) {
        identifiers.push({ scope, kind, value });
        for (const hash of on.secrets.hashes(kind, value)) suppressions.push({ scope, hash });
      }
    }
  }
  return { identifiers, contacts, suppressions, idempotency, recipients, broadcasts };
}
