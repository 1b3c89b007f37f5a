import type { MessageStatus, NotificationStatus } from '../spec/index.ts';

/** Where a message may go from each status. `queued → queued` is a retry or a claim; receipts alone move what was sent. */
export const messageTransitions: Readonly<Record<MessageStatus, readonly MessageStatus[]>> = {
  queued: ['queued', 'sent', 'delivered', 'failed', 'suppressed', 'bounced', 'complained', 'cancelled', 'unknown'],
  sent: ['sent', 'delivered', 'failed', 'bounced', 'complained'],
  delivered: ['delivered', 'bounced', 'complained'],
  bounced: ['bounced', 'complained'],
  complained: ['complained'],
  unknown: ['unknown', 'sent', 'delivered', 'failed', 'bounced', 'complained'],
  failed: [],
  suppressed: [],
  cancelled: [],
};

/** Where a notification may go. `completed`, `failed` and `stopped` are final: later feedback never reopens a run. */
export const notificationTransitions: Readonly<Record<NotificationStatus, readonly NotificationStatus[]>> = {
  running: ['running', 'waiting', 'completed', 'failed', 'stopped'],
  waiting: ['waiting', 'running', 'completed', 'failed', 'stopped'],
  completed: [],
  failed: [],
  stopped: [],
};

/** The statuses a message may be born with. */
export const firstMessageStatuses: readonly MessageStatus[] = ['queued', 'suppressed', 'failed'];

/** Whether a message in this status still has work to do. */
export function isOpen(status: MessageStatus): boolean {
  return status === 'queued';
}

/** Whether a notification in this status has ended. */
export function isFinal(status: NotificationStatus): boolean {
  return notificationTransitions[status].length === 0;
}
