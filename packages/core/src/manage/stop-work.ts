import { isFinal, isOpen } from '../lifecycle/states.ts';
import { moveMessage, moveNotification, runStatus } from '../lifecycle/transition.ts';
import type { Context } from '../plan/context.ts';
import type {
  MessageRow,
  MessageStatus,
  MessageUpdate,
  NotificationRow,
  NotificationUpdate,
  RowKey,
  Scope,
} from '../spec/index.ts';

/** How open messages end, and which. */
export interface StopOrder {
  readonly to: 'cancelled' | 'suppressed';
  readonly change: Partial<MessageUpdate>;
  /** Messages to leave alone. */
  concerns(message: MessageRow): boolean;
  /** End the whole run, whatever its messages are. */
  readonly stopRun: boolean;
}

/**
 * Ends the open messages of these notifications. One that is leased is in somebody's hands: it is counted and left to
 * its holder, whose settlement would otherwise be lost.
 */
export async function stopWork(
  runs: readonly RowKey[],
  order: StopOrder,
  named: Scope,
  on: Context,
): Promise<{ readonly cancelled: number; readonly alreadyHandedOver: number }> {
  const stopped = await on.store.commit({
    kind: 'cancel',
    reads: { notifications: runs, lock: true },
    decide(facts) {
      const messages: MessageUpdate[] = [];
      const notifications: NotificationUpdate[] = [];
      const ended: { row: NotificationRow; update: NotificationUpdate }[] = [];
      const stopped: MessageRow[] = [];
      let alreadyHandedOver = 0;
      for (const run of facts.notifications) {
        const its = facts.messages.filter((row) => row.scope === run.scope && row.notificationId === run.id);
        const after: MessageStatus[] = its.map((row) => {
          if (!isOpen(row.status) || !order.concerns(row)) return row.status;
          if (row.leaseUntil !== null && row.leaseUntil > facts.now) {
            alreadyHandedOver += 1;
            return row.status;
          }
          messages.push(moveMessage(row, order.to, order.change));
          stopped.push(row);
          return order.to;
        });
        if (isFinal(run.status)) continue;
        const status = order.stopRun && !after.some(isOpen) ? 'stopped' : runStatus(after);
        const update = status === 'running' ? undefined : moveNotification(run, status, { openSteps: 0 });
        if (!update) continue;
        notifications.push(update);
        ended.push({ row: run, update });
      }
      return {
        writes: { notifications: { update: notifications }, messages: { update: messages } },
        result: { stopped, ended, alreadyHandedOver },
      };
    },
  });
  for (const { id, notificationId, contactId, event, channel, step, provider, attempts } of stopped.stopped) {
    const reason = order.change.reason === undefined ? {} : { reason: order.change.reason };
    const fields = { event, channel, id, notificationId, contactId, step, adapter: provider, attempt: attempts };
    on.report({ name: `message.${order.to}`, scope: named, fields: { ...fields, ...reason } });
  }
  for (const { row, update } of stopped.ended) {
    const { event, id, contactId } = row;
    const error = update.status === 'failed' ? { error: null } : {};
    on.report({ name: `notification.${update.status}`, scope: named, fields: { event, id, contactId, ...error } });
  }
  return { cancelled: stopped.stopped.length, alreadyHandedOver: stopped.alreadyHandedOver };
}
