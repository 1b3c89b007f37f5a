import type { Stopped } from '../define/views.ts';
import type { Context } from '../plan/context.ts';
import { hashKey } from '../rules/hash-key.ts';
import type { MessageRow, Page, RowKey, ScopeId } from '../spec/index.ts';
import { nextTurn } from '../toolkit/next-turn.ts';
import { stopRuns } from './stop-runs.ts';
import type { StopOrder, Stopping } from './stop-work.ts';

const chunk = 200;

const order: StopOrder = {
  to: 'cancelled',
  change: { timeline: [{ event: 'cancelled', reason: 'contact erased' }] },
  concerns: () => true,
  stopRun: true,
};

/**
 * Stops what runs for a contact, then removes every plain text of theirs, a chunk a transaction. Sends go on meanwhile:
 * what they add for this contact is stopped and erased as well, since the contact itself goes last, when nothing of it
 * is left.
 */
export async function eraseContact(contact: RowKey, stopping: Stopping): Promise<Stopped> {
  const { on } = stopping;
  const { scope, id } = contact;
  await forgetAddresses(contact, on);
  let cancelled = 0;
  let alreadyHandedOver = 0;
  for (let done = false; !done; ) {
    const stopped = await stopRuns({ scope, contactId: id }, order, stopping);
    cancelled += stopped.cancelled;
    alreadyHandedOver += stopped.alreadyHandedOver;
    ({ done } = await on.store.erase(contact, chunk));
    // An embedded store has held this thread until here.
    await nextTurn();
  }
  return { cancelled, alreadyHandedOver };
}

/**
 * Takes the plain address out of suppressions that the store does not find by the contact's identifiers: those under
 * another secret, and those of addresses that were theirs once, which their messages still know.
 */
async function forgetAddresses(contact: RowKey, on: Context): Promise<void> {
  const { contacts } = await on.store.load({ contacts: [contact] });
  const own = contacts.flatMap(({ identifiers }) =>
    identifiers.flatMap(({ kind, value }) => on.secrets.hashes(kind, value)),
  );
  await forget(contact.scope, own, on);
  let cursor: string | null = null;
  do {
    const page: Page<MessageRow> = await on.store.listMessages({
      scope: contact.scope,
      contactId: contact.id,
      limit: chunk,
      ...(cursor === null ? {} : { cursor }),
    });
    const used = page.items.flatMap(({ addressHash }) => (addressHash === null ? [] : [addressHash]));
    const distinct = new Map(used.map((hash) => [hashKey(hash), hash]));
    await forget(contact.scope, [...distinct.values()], on);
    cursor = page.cursor;
  } while (cursor !== null);
}

async function forget(scope: ScopeId, hashes: readonly Uint8Array[], on: Context): Promise<void> {
  if (hashes.length === 0) return;
  await on.store.commit({
    kind: 'suppressions',
    reads: { suppressions: hashes.map((hash) => ({ scope, hash })) },
    decide(facts) {
      const plain = facts.suppressions.filter(({ address, note }) => address !== null || note !== null);
      const put = plain.map(({ createdAt: _, ...row }) => ({ ...row, address: null, note: null }));
      return { writes: put.length === 0 ? {} : { suppressions: { put } }, result: undefined };
    },
  });
}
