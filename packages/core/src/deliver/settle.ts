import { isFinal } from '../lifecycle/states.ts';
import { moveNotification, runStatus } from '../lifecycle/transition.ts';
import type { Context } from '../plan/context.ts';
import { hashKey } from '../rules/hash-key.ts';
import {
  type Facts,
  type MessageRow,
  type MessageStatus,
  type MessageUpdate,
  type NotificationStatus,
  type NotificationUpdate,
  type Reads,
  TidingsError,
  type Work,
  type Writes,
} from '../spec/index.ts';
import type { Settled } from '../toolkit/batcher.ts';
import type { SettledMessage, Writable } from './settlement.ts';
import { insteadOfRetry } from './stopped-run.ts';

/**
 * Writes a batch of settlements in one commit. What is known of a notification with a single message needs no reading:
 * its version and the message's epoch guard the write. When a guard fails, a notification has several messages, or another
 * attempt would follow, which a stopped run has none of, the rows are read and locked first. `unsure`: those whose commit
 * was tried before and may have been carried out.
 */
export async function settle(
  items: readonly Writable[],
  on: Context,
  unsure: Pick<WeakSet<Writable>, 'has'> = new WeakSet(),
): Promise<readonly Settled<SettledMessage>[]> {
  const plain = items.every(({ job, update }) => update.calling || (job.siblings === 1 && update.status !== 'queued'));
  if (plain) {
    try {
      return await commit(
        { kind: 'settle', patient: items.length === 1, reads: {}, attempts: 1, decide: () => assumed(items) },
        on,
      );
    } catch (error) {
      if (!TidingsError.is(error, 'STORE_CONFLICT')) throw error;
    }
  }
  const reads: Reads = {
    notifications: items.map(({ job }) => ({ scope: job.run.scope, id: job.run.id })),
    lock: true,
  };
  return commit(
    { kind: 'settle', patient: items.length === 1, reads, decide: (facts) => checked(items, facts, unsure) },
    on,
  );
}

async function commit(work: Work<readonly SettledMessage[]>, on: Context): Promise<readonly Settled<SettledMessage>[]> {
  const results = await on.telemetry.span('tidings.store.settle', {}, () => on.store.commit(work));
  return results.map((value) => ({ value }));
}

interface Decided {
  readonly writes: Writes;
  readonly result: readonly SettledMessage[];
}

function assumed(items: readonly Writable[]): Decided {
  const runs: NotificationUpdate[] = [];
  const result = items.map((item) => {
    const run = item.update.status === 'queued' ? undefined : endRun(item.job.run, [item.update.status]);
    if (run) runs.push(run);
    return { stale: false, ended: run ? run.status : null };
  });
  return { writes: writesOf(items, runs), result };
}

function checked(items: readonly Writable[], facts: Facts, unsure: Pick<WeakSet<Writable>, 'has'>): Decided {
  const messages = new Map(facts.messages.map((row) => [`${row.scope}/${row.id}`, row]));
  const statuses = new Map(facts.messages.map((row) => [`${row.scope}/${row.id}`, row.status]));
  const runs = new Map(facts.notifications.map((row) => [`${row.scope}/${row.id}`, row.status]));
  const fresh = new Map<Writable, Writable>();
  for (const item of items) {
    const { job, update } = item;
    if (messages.get(`${update.scope}/${update.id}`)?.epoch !== update.epoch) continue;
    const instead = insteadOfRetry(item, runs.get(`${job.run.scope}/${job.run.id}`) ?? 'running');
    fresh.set(item, instead ? { ...item, update: instead } : item);
  }
  const written = [...fresh.values()];
  for (const { update } of written) statuses.set(`${update.scope}/${update.id}`, update.status);
  const byRun = new Map<string, MessageStatus[]>();
  for (const row of facts.messages) {
    const key = `${row.scope}/${row.notificationId}`;
    const list = byRun.get(key) ?? [];
    list.push(statuses.get(`${row.scope}/${row.id}`) ?? row.status);
    byRun.set(key, list);
  }
  const touched = new Set(written.map(({ job }) => `${job.run.scope}/${job.run.id}`));
  const ended = new Map<string, NotificationUpdate>();
  for (const row of facts.notifications) {
    const key = `${row.scope}/${row.id}`;
    const run = touched.has(key) ? endRun(row, byRun.get(key) ?? []) : undefined;
    if (run) ended.set(key, run);
  }
  const told = new Set<string>();
  const result = items.map((item) => {
    const done = fresh.get(item);
    if (!done) {
      const { update } = item;
      const ours = unsure.has(item) && isWritten(update, messages.get(`${update.scope}/${update.id}`));
      return ours ? { stale: false, ended: endedBefore(item, facts) } : { stale: true, ended: null };
    }
    const key = `${item.job.run.scope}/${item.job.run.id}`;
    const run = told.has(key) ? undefined : ended.get(key);
    told.add(key);
    const instead = done === item ? {} : { instead: done.update };
    return { stale: false, ended: run && isFinal(run.status) ? run.status : null, ...instead };
  });
  return { writes: writesOf(written, [...ended.values()]), result };
}

/**
 * Whether the row is what this update makes of it. A claim raises the epoch and leases too, but it marks no call and counts
 * no attempt, and an update that leases does one of both.
 */
function isWritten(update: MessageUpdate, row: MessageRow | undefined): boolean {
  if (row?.epoch !== update.epoch + 1 || row.status !== update.status || row.attempts !== update.attempts) return false;
  return update.calling ? row.callingAt !== null : (row.leaseUntil === null) === (update.leaseIn === null);
}

/** How the notification stands that the update, written before, may have ended. */
function endedBefore({ job }: Writable, { notifications }: Facts): NotificationStatus | null {
  const run = notifications.find((row) => row.scope === job.run.scope && row.id === job.run.id);
  return run && isFinal(run.status) ? run.status : null;
}

/** The end of a run whose messages have these statuses; undefined while one is open. */
function endRun(
  run: Parameters<typeof moveNotification>[0],
  statuses: readonly MessageStatus[],
): NotificationUpdate | undefined {
  const status = runStatus(statuses);
  return status === 'running' ? undefined : moveNotification(run, status, { openSteps: 0 });
}

function writesOf(items: readonly Writable[], runs: readonly NotificationUpdate[]): Writes {
  const contents = items.flatMap(({ update, content }) =>
    content === null ? [] : [{ scope: update.scope, messageId: update.id, content }],
  );
  const put = new Map(
    items.flatMap(({ suppress }) => (suppress ? [[suppressionKey(suppress), suppress] as const] : [])),
  );
  const pauses = new Map<string, number>();
  for (const { pause } of items) {
    if (pause) pauses.set(pause.lane, Math.max(pause.ms, pauses.get(pause.lane) ?? 0));
  }
  return {
    notifications: { update: runs },
    messages: { update: items.map((item) => item.update) },
    ...(contents.length > 0 ? { contents } : {}),
    ...(put.size > 0 ? { suppressions: { put: [...put.values()] } } : {}),
    ...(pauses.size > 0 ? { lanes: [...pauses].map(([lane, pauseIn]) => ({ lane, pauseIn })) } : {}),
  };
}

function suppressionKey(row: NonNullable<Writable['suppress']>): string {
  return `${row.scope}/${row.channel}/${hashKey(row.hash)}`;
}
