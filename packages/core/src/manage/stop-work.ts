import { isFinal, isOpen } from '../lifecycle/states.ts';
import { moveMessage, moveNotification, runStatus } from '../lifecycle/transition.ts';
import type { Context } from '../plan/context.ts';
import type { Held, Revoked } from '../plan/held.ts';
import type {
  Facts,
  MessageRow,
  MessageStatus,
  MessageUpdate,
  NotificationRow,
  NotificationUpdate,
  RowKey,
  Scope,
  Writes,
} from '../spec/index.ts';

/** How open messages end, and which. */
export interface StopOrder {
  readonly to: 'cancelled' | 'suppressed';
  readonly change: Partial<MessageUpdate>;
  /** Messages to leave alone. */
  concerns(message: MessageRow): boolean;
  /** End the whole run at once, whatever becomes of what others hold. */
  readonly stopRun: boolean;
  /** End also what is in somebody's hands, who will not be heard any more. It still counts as handed over. */
  readonly fence?: boolean;
}

/** What stopping works with. */
export interface Stopping {
  readonly on: Context;
  readonly named: Scope;
  readonly held: Held;
}

interface Stop {
  readonly stopped: readonly MessageRow[];
  readonly ended: readonly { readonly row: NotificationRow; readonly update: NotificationUpdate }[];
  readonly handedOver: readonly MessageRow[];
  /** Of those stopped: somebody who holds them, or held them and is gone, may have called. */
  readonly calledBefore: number;
  /** Of those stopped: what somebody holds, as it was. */
  readonly fenced: readonly MessageRow[];
}

/**
 * Ends the open messages of these notifications. What this process holds and has not begun to call for is taken back
 * first, and ended like what nobody holds. What another process holds, or is being called for, is counted and left to
 * its holder, whose settlement would otherwise be lost.
 */
export async function stopWork(
  runs: readonly RowKey[],
  order: StopOrder,
  { on, named, held }: Stopping,
): Promise<{ readonly cancelled: number; readonly alreadyHandedOver: number }> {
  if (runs.length === 0) return { cancelled: 0, alreadyHandedOver: 0 };
  const { messages } = await on.store.load({ notifications: runs });
  const leased = messages.filter((row) => isOpen(row.status) && row.leaseUntil !== null && order.concerns(row));
  const first = await stopOnce(runs, order, held.revoke(leased), on);
  report(first, order, named, on);
  let cancelled = first.stopped.length - first.calledBefore;
  let alreadyHandedOver = first.handedOver.length + first.calledBefore;
  const unmet = [...first.handedOver, ...first.fenced];
  if (unmet.length === 0) return { cancelled, alreadyHandedOver };
  // What this process leased between the look and the commit, and may not have heard of yet.
  await held.arrived();
  const late = held.revoke(unmet);
  // What was ended while it was ours and not called for will not be.
  const spared = first.fenced.filter((row) => late.epochOf(row) === row.epoch && !late.lapsed(row)).length;
  cancelled += spared;
  alreadyHandedOver -= spared;
  const ours = first.handedOver.filter((row) => late.epochOf(row) === row.epoch);
  if (ours.length > 0) {
    const again = new Map(ours.map((row) => [row.notificationId, { scope: row.scope, id: row.notificationId }]));
    const second = await stopOnce([...again.values()], order, late, on);
    report(second, order, named, on);
    const exact = second.stopped.length - second.calledBefore;
    cancelled += exact;
    alreadyHandedOver -= exact;
  }
  return { cancelled, alreadyHandedOver };
}

async function stopOnce(runs: readonly RowKey[], order: StopOrder, revoked: Revoked, on: Context): Promise<Stop> {
  try {
    return await on.store.commit<Stop>({
      kind: 'cancel',
      reads: { notifications: runs, lock: true },
      decide: (facts) => decideStop(facts, order, revoked),
    });
  } catch (error) {
    revoked.putBack();
    throw error;
  }
}

function decideStop(
  facts: Facts,
  order: StopOrder,
  revoked: Revoked,
): { readonly writes: Writes; readonly result: Stop } {
  const messages: MessageUpdate[] = [];
  const ended: { row: NotificationRow; update: NotificationUpdate }[] = [];
  const stopped: MessageRow[] = [];
  const handedOver: MessageRow[] = [];
  let calledBefore = 0;
  const fenced: MessageRow[] = [];
  const byRun = new Map<string, MessageRow[]>();
  for (const row of facts.messages) {
    const key = `${row.scope}/${row.notificationId}`;
    const its = byRun.get(key);
    if (its) its.push(row);
    else byRun.set(key, [row]);
  }
  for (const run of facts.notifications) {
    const its = byRun.get(`${run.scope}/${run.id}`) ?? [];
    const after: MessageStatus[] = its.map((row) => {
      if (!isOpen(row.status) || !order.concerns(row)) return row.status;
      // A lease that lapsed says no more than that nobody knows what became of the call.
      const inHand = row.leaseUntil !== null && revoked.epochOf(row) !== row.epoch;
      if (inHand && order.fence !== true) {
        handedOver.push(row);
        return row.status;
      }
      messages.push(moveMessage(row, order.to, order.change));
      if (inHand || revoked.lapsed(row)) calledBefore += 1;
      if (inHand) fenced.push(row);
      stopped.push(row);
      return order.to;
    });
    if (isFinal(run.status)) continue;
    const status = order.stopRun ? 'stopped' : runStatus(after);
    const update = status === 'running' ? undefined : moveNotification(run, status, { openSteps: 0 });
    if (update) ended.push({ row: run, update });
  }
  return {
    writes: { notifications: { update: ended.map(({ update }) => update) }, messages: { update: messages } },
    result: { stopped, ended, handedOver, calledBefore, fenced },
  };
}

function report(stop: Stop, order: StopOrder, named: Scope, on: Context): void {
  for (const { id, notificationId, contactId, event, channel, step, provider, attempts } of stop.stopped) {
    const reason = order.change.reason === undefined ? {} : { reason: order.change.reason };
    const fields = { event, channel, id, notificationId, contactId, step, adapter: provider, attempt: attempts };
    on.report({ name: `message.${order.to}`, scope: named, fields: { ...fields, ...reason } });
  }
  for (const { row, update } of stop.ended) {
    const { event, id, contactId } = row;
    const error = update.status === 'failed' ? { error: null } : {};
    on.report({ name: `notification.${update.status}`, scope: named, fields: { event, id, contactId, ...error } });
  }
}
