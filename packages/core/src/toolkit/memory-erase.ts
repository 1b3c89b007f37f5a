import type { ErasedTimelineField, RowKey } from '../spec/index.ts';
import type { ContactEntry, MemoryTables, MessageEntry, NotificationEntry, ScopeTables } from './memory-tables.ts';
import { hashKey } from './memory-values.ts';

const keptFields: ReadonlySet<string> = new Set<ErasedTimelineField>([
  ...(['at', 'event', 'attempt', 'adapter', 'outcome', 'code', 'channel', 'field', 'delayMs'] as const),
]);

/**
 * Takes a person out of at most `limit` rows; true when nothing is left. Epochs and versions rise, so that whoever still
 * works on one of these rows cannot write to it again.
 */
export function eraseContact(tables: MemoryTables, contact: RowKey, limit: number): boolean {
  const scope = tables.scope(contact.scope);
  let left = limit;
  left -= each(scope.messagesOf.get(contact.id), left, ({ notification }) => ended(notification), eraseMessage);
  left -= each(scope.notificationsOf.get(contact.id), left, ended, (entry) => eraseNotification(scope, entry));
  const entry = scope.contacts.get(contact.id);
  if (entry) left -= eraseSuppressions(scope, entry, left);
  if (left <= 0 || (scope.notificationsOf.get(contact.id)?.size ?? 0) > 0) return false;
  scope.messagesOf.delete(contact.id);
  scope.notificationsOf.delete(contact.id);
  if (!entry) return true;
  for (const key of entry.identifiers.keys()) scope.identifiers.delete(key);
  scope.contacts.delete(contact.id);
  scope.contactList.remove(entry);
  return true;
}

function ended({ row }: NotificationEntry): boolean {
  return row.completedAt !== null;
}

function each<Entry>(
  entries: Set<Entry> | undefined,
  limit: number,
  concerns: (entry: Entry) => boolean,
  erase: (entry: Entry) => void,
): number {
  let done = 0;
  for (const entry of entries ?? []) {
    if (done >= limit) break;
    if (!concerns(entry)) continue;
    erase(entry);
    entries?.delete(entry);
    done += 1;
  }
  return done;
}

function eraseMessage(entry: MessageEntry): void {
  entry.content = null;
  const timeline = entry.row.timeline.map(
    (line) => Object.fromEntries(Object.entries(line).filter(([field]) => keptFields.has(field))) as typeof line,
  );
  entry.row = { ...entry.row, contactId: null, address: null, error: null, timeline, epoch: entry.row.epoch + 1 };
}

function eraseNotification(scope: ScopeTables, entry: NotificationEntry): void {
  const { activeKey, version } = entry.row;
  if (activeKey !== null) scope.activeKeys.delete(activeKey);
  const erased = { contactId: null, payload: '{}', options: null, cursors: null, error: null, activeKey: null };
  entry.row = { ...entry.row, ...erased, version: version + 1 };
}

function eraseSuppressions(scope: ScopeTables, entry: ContactEntry, limit: number): number {
  let done = 0;
  for (const { hash } of entry.identifiers.values()) {
    for (const suppression of scope.suppressions.get(hashKey(hash))?.values() ?? []) {
      if (suppression.row.address === null && suppression.row.note === null) continue;
      if (done >= limit) return done;
      suppression.row = { ...suppression.row, address: null, note: null };
      done += 1;
    }
  }
  return done;
}
