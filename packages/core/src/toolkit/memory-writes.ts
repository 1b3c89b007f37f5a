import type {
  BroadcastWrite,
  ContactUpdate,
  ContentRow,
  IdempotencyRow,
  IdentifierRow,
  MessageUpdate,
  NewContact,
  NewIdempotency,
  NewMessage,
  NewNotification,
  NotificationUpdate,
  SuppressionKey,
  SuppressionRow,
  Writes,
} from '../spec/index.ts';
import {
  changedMessage,
  changedNotification,
  identifierRow,
  messageRow,
  notificationRow,
  suppressionRow,
} from './memory-rows.ts';
import {
  type ContactEntry,
  type MemoryTables,
  type MessageEntry,
  type NotificationEntry,
  pairKey,
  type ScopeTables,
  type SuppressionEntry,
  timeKey,
} from './memory-tables.ts';
import {
  hash,
  hashKey,
  keyText,
  keyTextOrNull,
  later,
  oneOf,
  refusal,
  text,
  textOrNull,
  uuid,
  whole,
} from './memory-values.ts';

/** A guard failed: the writes were undone and may be decided again. */
export class GuardFailed extends Error {}

/**
 * Writes everything or, by throwing, nothing: {@link GuardFailed} for a lost race, `STORE_REFUSED` for a value. In order,
 * like statements of a transaction, so that a row may be inserted and changed at once.
 */
export function applyWrites(tables: MemoryTables, writes: Writes, now: number): void {
  const transaction = new Transaction(tables, now);
  try {
    transaction.apply(writes);
  } catch (error) {
    transaction.undo();
    throw error;
  }
  transaction.file();
}

class Transaction {
  readonly #tables: MemoryTables;
  readonly #now: number;
  readonly #undo: (() => void)[] = [];
  // lists and heaps are only touched at the end, when nothing can fail any more
  readonly #file: (() => void)[] = [];
  readonly #messages = new Set<MessageEntry>();

  constructor(tables: MemoryTables, now: number) {
    this.#tables = tables;
    this.#now = now;
  }

  apply(writes: Writes): void {
    for (const given of writes.notifications?.insert ?? []) this.#insertNotification(given);
    for (const given of writes.notifications?.update ?? []) this.#updateNotification(given);
    for (const given of writes.messages?.insert ?? []) this.#insertMessage(given);
    for (const given of writes.messages?.update ?? []) this.#updateMessage(given);
    for (const given of writes.contents ?? []) this.#insertContent(given);
    for (const given of writes.idempotency ?? []) this.#insertIdempotency(given);
    for (const given of writes.suppressions?.put ?? []) this.#putSuppression(given);
    for (const given of writes.suppressions?.remove ?? []) this.#removeSuppression(given);
    for (const given of writes.broadcasts ?? []) this.#writeBroadcast(given);
    for (const { lane, pauseIn } of writes.lanes ?? []) this.#pause(lane, pauseIn);
    for (const given of writes.contacts?.insert ?? []) this.#insertContact(given);
    for (const given of writes.contacts?.update ?? []) this.#updateContact(given);
    for (const given of writes.identifiers?.remove ?? []) this.#removeIdentifier(given);
    for (const given of writes.identifiers?.insert ?? []) this.#insertIdentifier(given, false);
    for (const given of writes.identifiers?.move ?? []) this.#insertIdentifier(given, true);
  }

  undo(): void {
    for (let step = this.#undo.pop(); step; step = this.#undo.pop()) step();
  }

  file(): void {
    for (const step of this.#file) step();
    for (const entry of this.#messages) this.#tables.file(entry);
  }

  #insertNotification(given: NewNotification): void {
    const row = notificationRow(given, this.#now);
    const scope = this.#tables.scope(row.scope);
    const { id, contactId, activeKey, broadcastId, recipientKey } = row;
    const entry: NotificationEntry = { row, messages: [], listKey: timeKey(row.createdAt, id) };
    this.#insert(scope.notifications, id, entry);
    if (activeKey !== null) this.#insert(scope.activeKeys, activeKey, id);
    if (broadcastId !== null && recipientKey !== null) {
      this.#insert(scope.recipients, pairKey(broadcastId, recipientKey), id);
    }
    if (contactId !== null) this.#own(scope.notificationsOf, contactId, entry);
    this.#file.push(() => scope.notificationList.add(entry));
  }

  #updateNotification(given: NotificationUpdate): void {
    const scope = this.#tables.scope(given.scope);
    const entry = guarded(scope.notifications.get(given.id), (row) => row.version === given.version);
    const { activeKey } = entry.row;
    this.#replace(entry, changedNotification(entry.row, given, this.#now));
    if (activeKey !== null && entry.row.activeKey === null) this.#set(scope.activeKeys, activeKey, undefined);
  }

  #insertMessage(given: NewMessage): void {
    const row = messageRow(given, this.#now);
    const scope = this.#tables.scope(row.scope);
    const notification = scope.notifications.get(row.notificationId);
    if (!notification) throw refusal('messages.notificationId', 'names no notification');
    const entry: MessageEntry = {
      row,
      content: null,
      contentAt: 0,
      notification,
      listKey: timeKey(row.createdAt, row.id),
      heap: undefined,
      dueAt: 0,
      order: this.#tables.nextOrder(),
      position: -1,
    };
    this.#insert(scope.messages, row.id, entry);
    notification.messages.push(entry);
    this.#undo.push(() => notification.messages.pop());
    if (row.contactId !== null) this.#own(scope.messagesOf, row.contactId, entry);
    this.#messages.add(entry);
    this.#file.push(() => scope.messageList.add(entry));
  }

  #updateMessage(given: MessageUpdate): void {
    const { messages } = this.#tables.scope(given.scope);
    const entry = guarded(messages.get(given.id), (row) => row.epoch === given.epoch);
    this.#replace(entry, changedMessage(entry.row, given, this.#now));
    this.#messages.add(entry);
  }

  #insertContent(given: ContentRow): void {
    const content = text(given.content, 'contents.content');
    const entry = this.#tables.scope(given.scope).messages.get(given.messageId);
    if (!entry) throw refusal('contents.messageId', 'names no message');
    if (entry.content !== null) return;
    entry.content = content;
    entry.contentAt = this.#now;
    this.#undo.push(() => {
      entry.content = null;
    });
  }

  #insertIdempotency(given: NewIdempotency): void {
    const row: IdempotencyRow = {
      scope: whole(given.scope, 'idempotency.scope'),
      event: keyText(given.event, 'idempotency.event'),
      key: keyText(given.key, 'idempotency.key'),
      fingerprint: hash(given.fingerprint, 'idempotency.fingerprint'),
      result: text(given.result, 'idempotency.result'),
      expiresAt: whole(this.#now + whole(given.expiresIn, 'idempotency.expiresIn'), 'idempotency.expiresIn'),
    };
    const { idempotency } = this.#tables.scope(row.scope);
    const key = pairKey(row.event, row.key);
    const old = idempotency.get(key);
    if (old && old.expiresAt > this.#now) throw new GuardFailed();
    // to the end, where the youngest stand
    if (old) this.#set(idempotency, key, undefined);
    this.#set(idempotency, key, row);
    this.#file.push(() => forgetExpired(idempotency, this.#now));
  }

  #putSuppression(given: Omit<SuppressionRow, 'createdAt'>): void {
    const scope = this.#tables.scope(given.scope);
    const key = hashKey(hash(given.hash, 'suppressions.hash'));
    const byChannel = scope.suppressions.get(key);
    const old = byChannel?.get(given.channel);
    const row = suppressionRow(given, old?.row.createdAt ?? this.#now);
    if (old) {
      this.#replace(old, row);
      return;
    }
    const entry: SuppressionEntry = { row, listKey: `${key}${row.channel}` };
    if (byChannel) this.#set(byChannel, row.channel, entry);
    else this.#set(scope.suppressions, key, new Map([[row.channel, entry]]));
    this.#file.push(() => scope.suppressionList.add(entry));
  }

  #removeSuppression(given: SuppressionKey): void {
    const scope = this.#tables.scope(given.scope);
    const byChannel = scope.suppressions.get(hashKey(given.hash));
    const entry = byChannel?.get(given.channel);
    if (!byChannel || !entry) return;
    this.#set(byChannel, given.channel, undefined);
    this.#file.push(() => {
      scope.suppressionList.remove(entry);
      if (byChannel.size === 0) scope.suppressions.delete(hashKey(given.hash));
    });
  }

  #writeBroadcast(given: BroadcastWrite): void {
    const { broadcasts } = this.#tables.scope(given.scope);
    const id = keyText(given.id, 'broadcasts.id');
    const old = broadcasts.get(id);
    const status = oneOf(given.status, ['running', 'completed'], 'broadcasts.status');
    this.#set(broadcasts, id, {
      scope: whole(given.scope, 'broadcasts.scope'),
      id,
      event: old?.event ?? keyText(given.event, 'broadcasts.event'),
      cursor: textOrNull(given.cursor, 'broadcasts.cursor'),
      status,
      accepted: (old?.accepted ?? 0) + whole(given.accepted, 'broadcasts.accepted'),
      rejected: (old?.rejected ?? 0) + whole(given.rejected, 'broadcasts.rejected'),
      createdAt: old?.createdAt ?? this.#now,
      completedAt: status === 'completed' ? (old?.completedAt ?? this.#now) : null,
    });
  }

  #pause(lane: string, pauseIn: number): void {
    const { pausedUntil } = this.#tables;
    const until = later(this.#now, pauseIn, 'lanes.pauseIn') ?? 0;
    const old = pausedUntil.get(keyText(lane, 'lanes.lane'));
    if (old === undefined || old < until) this.#set(pausedUntil, lane, until);
  }

  #insertContact(given: NewContact): void {
    const row = {
      scope: whole(given.scope, 'contacts.scope'),
      id: uuid(given.id, 'contacts.id'),
      version: 1,
      data: text(given.data, 'contacts.data'),
      name: keyTextOrNull(given.name, 'contacts.name'),
      createdAt: this.#now,
      updatedAt: this.#now,
    };
    const scope = this.#tables.scope(row.scope);
    const entry: ContactEntry = { row, identifiers: new Map(), listKey: timeKey(row.createdAt, row.id) };
    this.#insert(scope.contacts, row.id, entry);
    this.#file.push(() => scope.contactList.add(entry));
  }

  #updateContact(given: ContactUpdate): void {
    const { contacts } = this.#tables.scope(given.scope);
    const entry = guarded(contacts.get(given.id), (row) => row.version === given.version);
    this.#replace(entry, {
      ...entry.row,
      version: entry.row.version + 1,
      data: text(given.data, 'contacts.data'),
      name: keyTextOrNull(given.name, 'contacts.name'),
      updatedAt: this.#now,
    });
  }

  #removeIdentifier(given: Pick<IdentifierRow, 'scope' | 'kind' | 'value' | 'contactId'>): void {
    const scope = this.#tables.scope(given.scope);
    const key = pairKey(given.kind, given.value);
    if (scope.identifiers.get(key)?.contactId !== given.contactId) return;
    this.#disown(scope, key, given.contactId);
    this.#set(scope.identifiers, key, undefined);
  }

  #insertIdentifier(given: IdentifierRow, move: boolean): void {
    const row = identifierRow(given);
    const scope = this.#tables.scope(row.scope);
    const key = pairKey(row.kind, row.value);
    const old = scope.identifiers.get(key);
    if (old && !move) throw new GuardFailed();
    const owner = scope.contacts.get(row.contactId);
    // it was there when it was read, or is one of this transaction: so it has been erased meanwhile
    if (!owner) throw new GuardFailed();
    if (old) this.#disown(scope, key, old.contactId);
    this.#set(scope.identifiers, key, row);
    this.#set(owner.identifiers, key, row);
  }

  #disown(scope: ScopeTables, key: string, contactId: string): void {
    const owner = scope.contacts.get(contactId);
    if (owner) this.#set(owner.identifiers, key, undefined);
  }

  #own<Entry>(index: Map<string, Set<Entry>>, contactId: string, entry: Entry): void {
    const owned = index.get(contactId);
    if (owned) owned.add(entry);
    else index.set(contactId, new Set([entry]));
    this.#undo.push(() => index.get(contactId)?.delete(entry));
  }

  #insert<Value>(map: Map<string, Value>, key: string, value: Value): void {
    if (map.has(key)) throw new GuardFailed();
    map.set(key, value);
    this.#undo.push(() => map.delete(key));
  }

  /** Sets a key, or with `undefined` removes it. */
  #set<Value>(map: Map<string, Value>, key: string, value: Value | undefined): void {
    const old = map.get(key);
    if (value === undefined) map.delete(key);
    else map.set(key, value);
    this.#undo.push(() => {
      if (old === undefined) map.delete(key);
      else map.set(key, old);
    });
  }

  #replace<Row>(entry: { row: Row }, row: Row): void {
    const old = entry.row;
    entry.row = row;
    this.#undo.push(() => {
      entry.row = old;
    });
  }
}

function guarded<Entry extends { row: unknown }>(
  entry: Entry | undefined,
  holds: (row: Entry['row']) => boolean,
): Entry {
  if (!entry || !holds(entry.row)) throw new GuardFailed();
  return entry;
}

/** The oldest keys stand first: looking at two for each one added keeps the table from growing for ever. */
function forgetExpired(idempotency: Map<string, IdempotencyRow>, now: number): void {
  let looked = 0;
  for (const [key, row] of idempotency) {
    if (row.expiresAt > now || looked === 2) return;
    idempotency.delete(key);
    looked += 1;
  }
}
