import { createHash, randomUUID } from 'node:crypto';
import type {
  ContactFacts,
  ContactUpdate,
  IdempotencyRow,
  IdentifierRow,
  MessageRow,
  MessageUpdate,
  NewContact,
  NewIdempotency,
  NewMessage,
  NewNotification,
  NotificationRow,
  NotificationUpdate,
  ScopeId,
  Store,
  SuppressionRow,
  Writes,
} from '@tidings/core/spec';

// Rows with sensible defaults: a test says only what matters to it.

type Given<Row> = Partial<Row> & { readonly scope: ScopeId };

let lastMs = 0;

/** A lower-case UUID of version 7. They rise, as those of the engine do, so that newest first is also last id first. */
export function newId(): string {
  lastMs = Math.max(lastMs + 1, Date.now());
  const time = lastMs.toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`;
}

/** 32 bytes that stand for an address, as the engine's HMAC does. */
export function addressHash(kind: string, value: string): Uint8Array {
  return new Uint8Array(createHash('sha256').update(`${kind}:${value}`).digest());
}

/** A contact without fields. */
export function newContact(given: Given<NewContact>): NewContact {
  return { id: newId(), data: '{}', name: null, ...given };
}

/** An identifier of a contact. Default: an e-mail address. */
export function newIdentifier(given: Given<IdentifierRow> & { readonly contactId: string }): IdentifierRow {
  const { kind = 'email', value = `${newId()}@example.com` } = given;
  return { hash: addressHash(kind, value), ...given, kind, value };
}

/** A running notification with nothing to wait for. */
export function newNotification(given: Given<NewNotification>): NewNotification {
  return {
    id: newId(),
    event: 'welcome',
    contactId: null,
    status: 'running',
    completed: false,
    category: 'default',
    language: null,
    payload: '{}',
    options: null,
    cursors: null,
    openSteps: 1,
    dueIn: null,
    expiresIn: null,
    broadcastId: null,
    recipientKey: null,
    activeKey: null,
    traceparent: null,
    requestId: null,
    errorCode: null,
    error: null,
    ...given,
  };
}

/** A queued e-mail, due now. */
export function newMessage(given: Given<NewMessage> & { readonly notificationId: string }): NewMessage {
  return {
    id: newId(),
    contactId: null,
    event: 'welcome',
    step: 'send',
    channel: 'email',
    lane: 'capture',
    priority: 1,
    address: 'jane@example.com',
    addressHash: addressHash('email', 'jane@example.com'),
    status: 'queued',
    reason: null,
    errorCode: null,
    error: null,
    language: null,
    routing: null,
    dueIn: 0,
    leaseIn: null,
    expiresIn: null,
    timeline: [{ event: 'queued' }],
    ...given,
  };
}

/** A result to keep for an hour. */
export function newIdempotency(given: Given<NewIdempotency>): NewIdempotency {
  return {
    event: 'welcome',
    key: newId(),
    fingerprint: addressHash('request', ''),
    result: '{"v":1}',
    expiresIn: 3_600_000,
    ...given,
  };
}

/** A suppression after a hard bounce. */
export function newSuppression(given: Given<SuppressionRow>): Omit<SuppressionRow, 'createdAt'> {
  return {
    hash: addressHash('email', 'jane@example.com'),
    channel: 'email',
    reason: 'bounced',
    address: 'jane@example.com',
    source: 'test',
    note: null,
    ...given,
  };
}

/** A change of a message that leaves everything as it is but what is given, and ends its lease. */
export function messageUpdate(row: MessageRow, change: Partial<MessageUpdate> = {}): MessageUpdate {
  const { scope, id, epoch, status, attempts, lane, provider, providerId, reason, errorCode, error, language } = row;
  return {
    ...{ scope, id, epoch, status, attempts, lane, provider, providerId, reason, errorCode, error, language },
    ...{ dueIn: null, calling: false, leaseIn: null, reached: [], timeline: [] },
    ...change,
  };
}

/** A change of a notification that leaves everything as it is but what is given. */
export function notificationUpdate(row: NotificationRow, change: Partial<NotificationUpdate> = {}): NotificationUpdate {
  const { scope, id, version, status, cursors, openSteps, errorCode, error } = row;
  return {
    ...{ scope, id, version, status, cursors, openSteps, errorCode, error },
    ...{ completed: row.completedAt !== null, dueIn: null, leaseIn: null },
    ...change,
  };
}

/** A change of a contact that leaves everything as it is but what is given. */
export function contactUpdate({ row }: ContactFacts, change: Partial<ContactUpdate> = {}): ContactUpdate {
  const { scope, id, version, data, name } = row;
  return { scope, id, version, data, name, ...change };
}

/** One commit that reads nothing. */
export function write(store: Store, writes: Writes, attempts?: number): Promise<void> {
  const given = attempts === undefined ? {} : { attempts };
  return store.commit({ kind: 'accept', reads: {}, ...given, decide: () => ({ writes, result: undefined }) });
}

/** A contact with one identifier, committed. */
export async function putContact(
  store: Store,
  scope: ScopeId,
  kind: string,
  value: string,
  given: Partial<NewContact> = {},
): Promise<NewContact> {
  const contact = newContact({ scope, ...given });
  const identifier = newIdentifier({ scope, kind, value, contactId: contact.id });
  await write(store, { contacts: { insert: [contact] }, identifiers: { insert: [identifier] } });
  return contact;
}

/** A notification with one message, committed. */
export async function putMessage(
  store: Store,
  scope: ScopeId,
  message: Partial<NewMessage> = {},
  notification: Partial<NewNotification> = {},
): Promise<NewMessage> {
  const [put] = await putMessages(store, scope, [message], notification);
  return put as NewMessage;
}

/** Messages of one notification each, in one commit. */
export async function putMessages(
  store: Store,
  scope: ScopeId,
  given: readonly Partial<NewMessage>[],
  notification: Partial<NewNotification> = {},
): Promise<readonly NewMessage[]> {
  const notifications = given.map(() => newNotification({ scope, ...notification, id: notification.id ?? newId() }));
  const messages = given.map((message, index) =>
    newMessage({ scope, notificationId: notifications[index]?.id ?? '', ...message }),
  );
  await write(store, { notifications: { insert: notifications }, messages: { insert: messages } });
  return messages;
}

/** The message as it is now. */
export async function readMessage(store: Store, { scope, id }: Pick<MessageRow, 'scope' | 'id'>): Promise<MessageRow> {
  const { messages } = await store.load({ messages: [{ scope, id }] });
  return only(messages);
}

/** The notification as it is now. */
export async function readNotification(
  store: Store,
  { scope, id }: Pick<NotificationRow, 'scope' | 'id'>,
): Promise<NotificationRow> {
  const { notifications } = await store.load({ notifications: [{ scope, id }] });
  return only(notifications);
}

/** The idempotency rows under a key: one or none. */
export async function readKey(store: Store, scope: ScopeId, key: string): Promise<readonly IdempotencyRow[]> {
  const { idempotency } = await store.load({ idempotency: [{ scope, event: 'welcome', key }] });
  return idempotency;
}

/** The one element; throws when there are none or several. */
export function only<Value>(values: readonly Value[]): Value {
  if (values.length !== 1) throw new Error(`Expected one element, got ${values.length}.`);
  return values[0] as Value;
}
