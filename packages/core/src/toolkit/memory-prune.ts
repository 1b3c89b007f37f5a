import { type Pruned, type PruneRequest, TidingsError } from '../spec/index.ts';
import {
  type MemoryTables,
  type MessageEntry,
  type NotificationEntry,
  pairKey,
  type ScopeTables,
} from './memory-tables.ts';
import type { SortedList } from './sorted-list.ts';

/** The entry that was looked at last: the place of its scope among all, and its own in the list. */
type Place = readonly [scope: number, listKey: string];

/** Where a run goes on. Null: it is through with that kind. */
interface Places {
  readonly keys: boolean;
  readonly contents: Place | null;
  readonly ended: Place | null;
}

const start: Place = [0, ''];

/** Removes what has been kept long enough: looks at no more than `limit` rows of each kind. */
export function pruneTables(tables: MemoryTables, request: PruneRequest, now: number): Pruned {
  const { contentsOlderMs, finishedOlderMs, limit } = request;
  const from = readPlaces(request.cursor ?? null);
  const scopes = [...tables.scopes()];
  const pruned = { contents: 0, notifications: 0, messages: 0, idempotency: 0 };
  if (from.keys) pruned.idempotency = removeExpired(scopes, now, limit);

  let contents: Place | null = null;
  if (contentsOlderMs !== null && from.contents !== null) {
    const before = now - contentsOlderMs;
    contents = walk(scopes, from.contents, { list: (scope) => scope.messageList, before, limit }, (_, entry) => {
      if (entry.content === null || entry.contentAt > before || entry.row.status === 'queued') return;
      entry.content = null;
      pruned.contents += 1;
    });
  }
  let ended: Place | null = null;
  if (finishedOlderMs !== null && from.ended !== null) {
    const before = now - finishedOlderMs;
    ended = walk(scopes, from.ended, { list: (scope) => scope.notificationList, before, limit }, (scope, entry) => {
      if (!isOver(scope, entry, before)) return;
      pruned.notifications += 1;
      pruned.messages += entry.messages.length;
      pruned.contents += entry.messages.filter(({ content }) => content !== null).length;
      remove(scope, entry);
    });
  }
  for (const [lane, until] of tables.pausedUntil) if (until <= now) tables.pausedUntil.delete(lane);
  const cursor = writePlaces({ keys: pruned.idempotency === limit, contents, ended });
  return { ...pruned, done: cursor === null, cursor };
}

/** Expired keys all go, so what was removed is never met again. */
function removeExpired(scopes: readonly ScopeTables[], now: number, limit: number): number {
  let removed = 0;
  for (const { idempotency } of scopes) {
    for (const [key, row] of idempotency) {
      if (removed === limit) return removed;
      if (row.expiresAt > now) continue;
      idempotency.delete(key);
      removed += 1;
    }
  }
  return removed;
}

/**
 * Looks at the entries behind a place, oldest first, those that are too young left out: nothing ends, or is rendered,
 * before it was made. Gives the place of the last, null when there is no other.
 */
function walk<Entry extends NotificationEntry | MessageEntry>(
  scopes: readonly ScopeTables[],
  from: Place,
  over: { readonly list: (scope: ScopeTables) => SortedList<Entry>; readonly before: number; readonly limit: number },
  look: (scope: ScopeTables, entry: Entry) => void,
): Place | null {
  let [, key] = from;
  let last = from;
  let looked = 0;
  for (let index = from[0]; index < scopes.length; index += 1) {
    const scope = scopes[index] as ScopeTables;
    const list = over.list(scope);
    let position = list.indexOf(key);
    if (list.at(position)?.listKey === key) position += 1;
    for (let entry = list.at(position); entry && entry.row.createdAt <= over.before; entry = list.at(position)) {
      if (looked === over.limit) return last;
      looked += 1;
      last = [index, entry.listKey];
      look(scope, entry);
      if (list.at(position) === entry) position += 1;
    }
    key = '';
  }
  return null;
}

function writePlaces({ keys, contents, ended }: Places): string | null {
  if (!keys && contents === null && ended === null) return null;
  return Buffer.from(JSON.stringify([keys, contents, ended])).toString('base64url');
}

function readPlaces(cursor: string | null): Places {
  if (cursor === null) return { keys: true, contents: start, ended: start };
  try {
    const [keys, contents, ended, ...more] = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (typeof keys === 'boolean' && isPlace(contents) && isPlace(ended) && more.length === 0) {
      return { keys, contents, ended };
    }
  } catch {
    // said below
  }
  throw new TidingsError('VALIDATION_ERROR', 'cursor must be what an earlier call of prune on this store gave.', {
    path: 'cursor',
  });
}

function isPlace(value: unknown): value is Place | null {
  return (
    value === null ||
    (Array.isArray(value) && value.length === 2 && Number.isSafeInteger(value[0]) && typeof value[1] === 'string')
  );
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
