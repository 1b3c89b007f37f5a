import type { Context } from '../plan/context.ts';
import type { AcceptItem } from './accept-item.ts';
import type { AcceptedRecipient } from './accept-recipient.ts';

/** Tells listeners of what ended as it was accepted: suppressed and failed messages, and notifications with nothing open. */
export function reportAccepted(item: AcceptItem, { notification, messages }: AcceptedRecipient, on: Context): void {
  const scope = { tenant: item.tenant, mode: item.mode };
  const { event, contactId, status } = notification;
  const failureOf = (row: {
    errorCode: string | null;
    error: string | null;
  }): { code: string; message: string } | null =>
    row.errorCode === null ? null : { code: row.errorCode, message: row.error ?? '' };
  for (const message of messages) {
    if (message.status === 'queued') continue;
    const { channel, id, notificationId, step, reason } = message;
    const error = failureOf(message);
    on.report({
      name: `message.${message.status}`,
      scope,
      fields: {
        event,
        channel,
        id,
        notificationId,
        contactId,
        step,
        adapter: null,
        attempt: 0,
        ...(reason === null ? {} : { reason }),
        ...(error === null ? {} : { error }),
      },
    });
  }
  if (!notification.completed) return;
  const error = status === 'failed' ? { error: failureOf(notification) ?? messages.map(failureOf)[0] ?? null } : {};
  on.report({ name: `notification.${status}`, scope, fields: { event, id: notification.id, contactId, ...error } });
}
