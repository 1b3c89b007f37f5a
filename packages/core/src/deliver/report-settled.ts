import type { Context } from '../plan/context.ts';
import type { SettledMessage, Settlement } from './settlement.ts';

/** Tells listeners what a settlement changed. */
export function reportSettled(settlement: Settlement, settled: SettledMessage, context: Context): void {
  const { job, update } = settlement;
  const { scope, message } = job;
  const error = update.errorCode === null ? null : { code: update.errorCode, message: update.error ?? '' };
  // Queued again without an attempt: it was put back for somebody else.
  if (update.status !== 'queued' || update.attempts > message.attempts) {
    context.report({
      name: update.status === 'queued' ? 'message.retrying' : `message.${update.status}`,
      scope,
      fields: {
        event: message.event,
        channel: message.channel,
        id: message.id,
        notificationId: message.notificationId,
        contactId: job.contact?.row.id ?? null,
        step: message.step,
        adapter: update.provider,
        attempt: update.attempts,
        ...(update.status === 'sent' ? { providerId: update.providerId } : {}),
        ...(update.status === 'queued' ? { delayMs: update.dueIn } : {}),
        ...(update.status === 'suppressed' ? { reason: update.reason } : {}),
        ...(error ? { error } : {}),
      },
    });
  }
  if (settled.ended === null) return;
  context.report({
    name: `notification.${settled.ended}`,
    scope,
    fields: {
      event: message.event,
      id: message.notificationId,
      contactId: job.contact?.row.id ?? null,
      ...(settled.ended === 'failed' ? { error } : {}),
    },
  });
}
