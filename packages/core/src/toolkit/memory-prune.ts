import type { Pruned, PruneRequest } from '../spec/index.ts';
import { type MemoryTables, type NotificationEntry, pairKey, type ScopeTables } from './memory-tables.ts';

/** Removes what has been kept long enough: at most `limit` rows of each kind. */
export function pruneTables(tables: MemoryTables, request: PruneRequest, now: number): Pruned {
  const { contentsOlderMs, finishedOlderMs, limit } = request;
  const pruned = { contents: 0, notifications: 0, messages: 0, idempotency: 0 };
  for (const scope of tables.scopes()) {
    for (const [key, row] of scope.idempotency) {
      if (pruned.idempotency >= limit) break;
      if (row.expiresAt > now) continue;
      scope.idempotency.delete(key);
      pruned.idempotency += 1;
    }
    if (contentsOlderMs !== null) {
      for (const entry of scope.messages.values()) {
        if (pruned.contents >= limit) break;
        const kept = entry.content === null || entry.contentAt > now - contentsOlderMs || entry.row.status === 'queued';
        if (kept) continue;
        entry.content = null;
        pruned.contents += 1;
      }
    }
    if (finishedOlderMs === null) continue;
    for (const entry of scope.notifications.values()) {
      if (pruned.notifications >= limit) break;
      if (!isOver(scope, entry, now - finishedOlderMs)) continue;
      pruned.notifications += 1;
      pruned.messages += entry.messages.length;
      pruned.contents += entry.messages.filter(({ content }) => content !== null).length;
      remove(scope, entry);
    }
  }
  for (const [lane, until] of tables.pausedUntil) if (until <= now) tables.pausedUntil.delete(lane);
  const { contents, notifications, idempotency } = pruned;
  return { ...pruned, done: contents < limit && notifications < limit && idempotency < limit };
}

function isOver(scope: ScopeTables, { row, messages }: NotificationEntry, before: number): boolean {
  if (row.completedAt === null || row.completedAt > before) return false;
  if (messages.some((message) => message.row.status === 'queued')) return false;
  if (row.broadcastId === null) return true;
  const broadcast = scope.broadcasts.get(row.broadcastId);
  return !broadcast || (broadcast.completedAt !== null && broadcast.completedAt <= before);
}

function remove(scope: ScopeTables, entry: NotificationEntry): void {
  const { id, contactId, broadcastId, recipientKey } = entry.row;
  for (const message of entry.messages) {
    scope.messages.delete(message.row.id);
    scope.messageList.remove(message);
    if (message.row.contactId !== null) scope.messagesOf.get(message.row.contactId)?.delete(message);
    message.heap?.remove(message);
  }
  scope.notifications.delete(id);
  scope.notificationList.remove(entry);
  if (contactId !== null) scope.notificationsOf.get(contactId)?.delete(entry);
  if (broadcastId !== null && recipientKey !== null) scope.recipients.delete(pairKey(broadcastId, recipientKey));
}
