import {
  type MessageRow,
  type MessageStatus,
  type MessageUpdate,
  type NewMessage,
  type NotificationRow,
  type NotificationStatus,
  type NotificationUpdate,
  TidingsError,
} from '../spec/index.ts';
import { firstMessageStatuses, isFinal, isOpen, messageTransitions, notificationTransitions } from './states.ts';
import { storableEntry, storableId, storableText } from './storable-text.ts';

// The one writer: every change of a status is made here, against the table.

/** What of a message a change is judged by: a row, or what is known of one just written. */
export type MessageState = Pick<
  MessageRow,
  'scope' | 'id' | 'epoch' | 'status' | 'attempts' | 'lane' | 'provider' | 'providerId' | 'reason' | 'language'
>;

/** What of a notification a change is judged by. */
export type NotificationState = Pick<NotificationRow, 'scope' | 'id' | 'version' | 'status' | 'cursors' | 'openSteps'>;

/** A message that begins its life in a legal status; a queued one is due, another never. */
export function openMessage(message: NewMessage): NewMessage {
  if (!firstMessageStatuses.includes(message.status)) throw illegal('message', 'nothing', message.status);
  if (!isOpen(message.status) && (message.dueIn !== null || message.leaseIn !== null)) {
    throw new TidingsError('INTERNAL', `A message born ${message.status} cannot be due.`);
  }
  return message;
}

/** The change of a message to `to`. What is left out of `change` stays as it is; the lease ends unless `leaseIn` is given. */
export function moveMessage(
  message: MessageState,
  to: MessageStatus,
  change: Partial<Omit<MessageUpdate, 'scope' | 'id' | 'epoch' | 'status'>> = {},
): MessageUpdate {
  if (!messageTransitions[message.status].includes(to)) throw illegal('message', message.status, to);
  const update: MessageUpdate = {
    attempts: message.attempts,
    lane: message.lane,
    dueIn: null,
    calling: false,
    leaseIn: null,
    provider: message.provider,
    providerId: message.providerId,
    reason: message.reason,
    errorCode: null,
    error: null,
    language: message.language,
    reached: [],
    timeline: [],
    ...change,
    scope: message.scope,
    id: message.id,
    epoch: message.epoch,
    status: to,
  };
  if (!isOpen(to) && update.dueIn !== null) throw new TidingsError('INTERNAL', `A ${to} message cannot be due.`);
  return {
    ...update,
    providerId: storableId(update.providerId),
    error: update.error === null ? null : storableText(update.error),
    timeline: update.timeline.map(storableEntry),
  };
}

/** The change of a notification to `to`; a final one stays as it is (undefined). */
export function moveNotification(
  run: NotificationState,
  to: NotificationStatus,
  change: Partial<Pick<NotificationUpdate, 'cursors' | 'openSteps' | 'dueIn' | 'leaseIn' | 'errorCode' | 'error'>> = {},
): NotificationUpdate | undefined {
  if (isFinal(run.status)) return undefined;
  if (!notificationTransitions[run.status].includes(to)) throw illegal('notification', run.status, to);
  return {
    cursors: run.cursors,
    openSteps: run.openSteps,
    dueIn: null,
    leaseIn: null,
    errorCode: null,
    error: null,
    ...change,
    scope: run.scope,
    id: run.id,
    version: run.version,
    status: to,
    completed: isFinal(to),
  };
}

/**
 * The status of a run whose sequence has no step left, by its messages: still running while one is open, `failed` when
 * every one failed, `stopped` when every one was cancelled, else `completed`.
 */
export function runStatus(messages: readonly MessageStatus[]): NotificationStatus {
  if (messages.some(isOpen)) return 'running';
  if (messages.length > 0 && messages.every((status) => status === 'failed')) return 'failed';
  if (messages.length > 0 && messages.every((status) => status === 'cancelled')) return 'stopped';
  return 'completed';
}

function illegal(what: string, from: string, to: string): TidingsError {
  return new TidingsError('INTERNAL', `A ${what} cannot go from ${from} to ${to}.`, { details: { from, to } });
}
