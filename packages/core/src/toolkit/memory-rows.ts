import type {
  IdentifierRow,
  MessageRow,
  MessageStatus,
  MessageUpdate,
  NewMessage,
  NewNotification,
  NotificationRow,
  NotificationStatus,
  NotificationUpdate,
  StoredTimelineEntry,
  SuppressionReason,
  SuppressionRow,
  TimelineEntry,
} from '../spec/index.ts';
import { copyTimelineEntry } from './memory-tables.ts';
import {
  hash,
  keyText,
  keyTextOrNull,
  later,
  oneOf,
  refusal,
  text,
  textOrNull,
  uuid,
  uuidOrNull,
  whole,
} from './memory-values.ts';

// What is given becomes a row here: column by column, so that nothing else gets in and all rows have one shape.

const messageStatuses: readonly MessageStatus[] = [
  'queued',
  'sent',
  'delivered',
  'failed',
  'suppressed',
  'bounced',
  'complained',
  'cancelled',
  'unknown',
];
const notificationStatuses: readonly NotificationStatus[] = ['running', 'waiting', 'completed', 'failed', 'stopped'];
const reasons: readonly SuppressionReason[] = ['bounced', 'complained', 'unsubscribed', 'invalid', 'manual'];

/** A notification as it is first kept. */
export function notificationRow(given: NewNotification, now: number): NotificationRow {
  return {
    scope: whole(given.scope, 'notifications.scope'),
    id: uuid(given.id, 'notifications.id'),
    event: keyText(given.event, 'notifications.event'),
    contactId: uuidOrNull(given.contactId, 'notifications.contactId'),
    status: oneOf(given.status, notificationStatuses, 'notifications.status'),
    version: 1,
    category: keyText(given.category, 'notifications.category'),
    language: keyTextOrNull(given.language, 'notifications.language'),
    payload: text(given.payload, 'notifications.payload'),
    options: textOrNull(given.options, 'notifications.options'),
    cursors: textOrNull(given.cursors, 'notifications.cursors'),
    openSteps: whole(given.openSteps, 'notifications.openSteps'),
    dueAt: later(now, given.dueIn, 'notifications.dueIn'),
    leaseUntil: null,
    broadcastId: keyTextOrNull(given.broadcastId, 'notifications.broadcastId'),
    recipientKey: keyTextOrNull(given.recipientKey, 'notifications.recipientKey'),
    activeKey: keyTextOrNull(given.activeKey, 'notifications.activeKey'),
    traceparent: keyTextOrNull(given.traceparent, 'notifications.traceparent'),
    requestId: keyTextOrNull(given.requestId, 'notifications.requestId'),
    errorCode: keyTextOrNull(given.errorCode, 'notifications.errorCode'),
    error: textOrNull(given.error, 'notifications.error'),
    createdAt: now,
    completedAt: given.completed ? now : null,
    expiresAt: later(now, given.expiresIn, 'notifications.expiresIn'),
  };
}

/** A notification after a change. Its active key is free again once it has ended. */
export function changedNotification(row: NotificationRow, given: NotificationUpdate, now: number): NotificationRow {
  return {
    ...row,
    version: row.version + 1,
    status: oneOf(given.status, notificationStatuses, 'notifications.status'),
    cursors: textOrNull(given.cursors, 'notifications.cursors'),
    openSteps: whole(given.openSteps, 'notifications.openSteps'),
    dueAt: later(now, given.dueIn, 'notifications.dueIn'),
    leaseUntil: later(now, given.leaseIn, 'notifications.leaseIn'),
    activeKey: given.completed ? null : row.activeKey,
    errorCode: keyTextOrNull(given.errorCode, 'notifications.errorCode'),
    error: textOrNull(given.error, 'notifications.error'),
    completedAt: given.completed ? (row.completedAt ?? now) : null,
  };
}

/** A message as it is first kept. */
export function messageRow(given: NewMessage, now: number): MessageRow {
  const leaseUntil = later(now, given.leaseIn, 'messages.leaseIn');
  return {
    scope: whole(given.scope, 'messages.scope'),
    id: uuid(given.id, 'messages.id'),
    notificationId: uuid(given.notificationId, 'messages.notificationId'),
    contactId: uuidOrNull(given.contactId, 'messages.contactId'),
    event: keyText(given.event, 'messages.event'),
    step: keyText(given.step, 'messages.step'),
    channel: keyText(given.channel, 'messages.channel'),
    lane: keyText(given.lane, 'messages.lane'),
    priority: oneOf(given.priority, [0, 1, 2], 'messages.priority'),
    address: textOrNull(given.address, 'messages.address'),
    addressHash: given.addressHash === null ? null : hash(given.addressHash, 'messages.addressHash'),
    status: oneOf(given.status, messageStatuses, 'messages.status'),
    epoch: 1,
    attempts: 0,
    dueAt: leaseUntil ?? later(now, given.dueIn, 'messages.dueIn'),
    leaseUntil,
    callingAt: null,
    provider: null,
    providerId: null,
    reason: given.reason === null ? null : oneOf(given.reason, reasons, 'messages.reason'),
    errorCode: keyTextOrNull(given.errorCode, 'messages.errorCode'),
    error: textOrNull(given.error, 'messages.error'),
    language: keyTextOrNull(given.language, 'messages.language'),
    routing: textOrNull(given.routing, 'messages.routing'),
    timeline: stamped(given.timeline, now),
    sequence: 0,
    createdAt: now,
    sentAt: null,
    deliveredAt: null,
    openedAt: null,
    clickedAt: null,
    expiresAt: later(now, given.expiresIn, 'messages.expiresIn'),
  };
}

/** A message after a change. */
export function changedMessage(row: MessageRow, given: MessageUpdate, now: number): MessageRow {
  const leaseUntil = later(now, given.leaseIn, 'messages.leaseIn');
  const first = (reached: MessageUpdate['reached'][number], at: number | null): number | null =>
    at ?? (given.reached.includes(reached) ? now : null);
  return {
    ...row,
    lane: keyText(given.lane, 'messages.lane'),
    status: oneOf(given.status, messageStatuses, 'messages.status'),
    epoch: row.epoch + 1,
    attempts: whole(given.attempts, 'messages.attempts'),
    dueAt: leaseUntil ?? later(now, given.dueIn, 'messages.dueIn'),
    leaseUntil,
    callingAt: given.calling ? now : null,
    provider: keyTextOrNull(given.provider, 'messages.provider'),
    providerId: textOrNull(given.providerId, 'messages.providerId'),
    reason: given.reason === null ? null : oneOf(given.reason, reasons, 'messages.reason'),
    errorCode: keyTextOrNull(given.errorCode, 'messages.errorCode'),
    error: textOrNull(given.error, 'messages.error'),
    language: keyTextOrNull(given.language, 'messages.language'),
    timeline: given.timeline.length === 0 ? row.timeline : [...row.timeline, ...stamped(given.timeline, now)],
    sentAt: first('sent', row.sentAt),
    deliveredAt: first('delivered', row.deliveredAt),
    openedAt: first('opened', row.openedAt),
    clickedAt: first('clicked', row.clickedAt),
  };
}

function stamped(timeline: readonly TimelineEntry[], now: number): StoredTimelineEntry[] {
  if (!Array.isArray(timeline)) throw refusal('messages.timeline', 'is not an array');
  return timeline.map((entry) => ({ ...copyTimelineEntry(entry), at: now }));
}

/** An identifier as it is kept. */
export function identifierRow(given: IdentifierRow): IdentifierRow {
  return {
    scope: whole(given.scope, 'identifiers.scope'),
    kind: keyText(given.kind, 'identifiers.kind'),
    value: keyText(given.value, 'identifiers.value', given.kind === 'pushToken' ? 512 : 255),
    contactId: uuid(given.contactId, 'identifiers.contactId'),
    hash: hash(given.hash, 'identifiers.hash'),
  };
}

/** A suppression as it is kept. */
export function suppressionRow(given: Omit<SuppressionRow, 'createdAt'>, createdAt: number): SuppressionRow {
  return {
    scope: whole(given.scope, 'suppressions.scope'),
    hash: hash(given.hash, 'suppressions.hash'),
    channel: keyText(given.channel, 'suppressions.channel'),
    reason: oneOf(given.reason, reasons, 'suppressions.reason'),
    address: textOrNull(given.address, 'suppressions.address'),
    source: keyText(given.source, 'suppressions.source'),
    note: textOrNull(given.note, 'suppressions.note'),
    createdAt,
  };
}
