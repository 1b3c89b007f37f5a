import { z } from 'zod';
import type { Stopped } from '../define/views.ts';
import { findEvent } from '../plan/find-event.ts';
import { keptIds } from '../plan/kept-ids.ts';
import { readRecipient } from '../rules/read-recipient.ts';
import { type MessageRow, type Page, type RowKey, TidingsError } from '../spec/index.ts';
import { isUuid } from '../toolkit/uuid.ts';
import { findContact } from './find-contact.ts';
import type { Scoped } from './scoped.ts';
import { stopRuns } from './stop-runs.ts';
import { type StopOrder, type Stopping, stopWork } from './stop-work.ts';
import { takePart } from './take-part.ts';

const order: StopOrder = {
  to: 'cancelled',
  change: { timeline: [{ event: 'cancelled', reason: 'cancelled by the host' }] },
  concerns: () => true,
  stopRun: true,
};
const chunk = 200;
const nothing: Stopped = { cancelled: 0, alreadyHandedOver: 0 };

const beside = { transaction: z.unknown().optional() };
const schema = z.union([
  z.strictObject({ to: z.unknown().refine((to) => to !== undefined), ...beside }),
  z.strictObject({ idempotencyKey: z.string().min(1), ...beside }),
]);

/** `engine.cancel` for one scope. */
export async function cancel(scoped: Scoped, event: string, which: unknown): Promise<Stopped> {
  const ready = await scoped.ready();
  findEvent(ready.on.plan, event);
  const wanted = schema.safeParse(which);
  if (!wanted.success) {
    throw new TidingsError(
      'VALIDATION_ERROR',
      `cancel("${event}"): say which: { to } with one recipient, or { idempotencyKey }; beside it only transaction.`,
      { path: 'which' },
    );
  }
  const part = 'transaction' in wanted.data ? { transaction: wanted.data.transaction } : undefined;
  const { on, scope, named, rules, held } = takePart('cancel', part, ready);
  const stopping: Stopping = { on, named, held };
  if ('idempotencyKey' in wanted.data) {
    const facts = await on.store.load({ idempotency: [{ scope, event, key: wanted.data.idempotencyKey }] });
    const ids = facts.idempotency.flatMap(({ result }) => keptIds(result));
    return stopByKey(
      ids.map((id) => ({ scope, id })),
      stopping,
    );
  }
  const request = readRecipient(wanted.data.to, rules, 'to');
  if (request.kind === 'address') {
    const hashes = on.secrets.hashes(request.channel, request.address);
    return stopByKey(await runsToAddress({ scope, event, hashes }, stopping), stopping);
  }
  const contact = await findContact(wanted.data.to, scope, rules, on);
  return contact ? stopRuns({ scope, contactId: contact.row.id, event }, order, stopping) : nothing;
}

/** `engine.notifications.cancel` for one scope. */
export async function cancelNotification(scoped: Scoped, given: unknown, options?: unknown): Promise<Stopped> {
  const { on, scope, named, held } = takePart('notifications.cancel', options, await scoped.ready());
  const id = typeof given === 'string' ? given.toLowerCase() : '';
  const found = isUuid(id) ? (await on.store.load({ notifications: [{ scope, id }] })).notifications : [];
  if (found.length === 0) throw new TidingsError('NOT_FOUND', 'There is no such notification.', { path: 'id' });
  return stopWork([{ scope, id }], order, { on, named, held });
}

async function stopByKey(runs: readonly RowKey[], stopping: Stopping): Promise<Stopped> {
  let cancelled = 0;
  let alreadyHandedOver = 0;
  for (let start = 0; start < runs.length; start += chunk) {
    const stopped = await stopWork(runs.slice(start, start + chunk), order, stopping);
    cancelled += stopped.cancelled;
    alreadyHandedOver += stopped.alreadyHandedOver;
  }
  return { cancelled, alreadyHandedOver };
}

/** Open runs of an event that send to an address nobody is behind, such as a Slack channel. */
async function runsToAddress(
  which: { readonly scope: number; readonly event: string; readonly hashes: readonly Uint8Array[] },
  { on }: Stopping,
): Promise<readonly RowKey[]> {
  const runs = new Map<string, RowKey>();
  for (const openTo of which.hashes) {
    let cursor: string | null = null;
    do {
      const page: Page<MessageRow> = await on.store.listMessages({
        scope: which.scope,
        event: which.event,
        openTo,
        limit: chunk,
        ...(cursor === null ? {} : { cursor }),
      });
      for (const { scope, notificationId } of page.items) runs.set(notificationId, { scope, id: notificationId });
      cursor = page.cursor;
    } while (cursor !== null);
  }
  return [...runs.values()];
}
