import type { Stopped } from '../define/views.ts';
import type { Context } from '../plan/context.ts';
import { hashKey } from '../rules/hash-key.ts';
import type { MessageRow, Page, RowKey, ScopeId } from '../spec/index.ts';
import { nextTurn } from '../toolkit/next-turn.ts';
import { stopRuns } from './stop-runs.ts';
import { type StopOrder, type Stopping, stopWork } from './stop-work.ts';

const chunk = 200;

const order: StopOrder = {
  to: 'cancelled',
  change: { timeline: [{ event: 'cancelled', reason: 'contact erased' }] },
  concerns: () => true,
  stopRun: true,
  // The erasure raises the epochs of all of it.
  fence: true,
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
 * Erases what a transaction of the host's brought back of a contact that was erased while it was open: these runs were
 * claimed and have nobody to go to. They end before they are erased and their messages after it, so that whatever is
 * interrupted leaves an open message, which the next claim finds.
 */
export async function finishErasure(contact: RowKey, runs: readonly RowKey[], stopping: Stopping): Promise<void> {
  const { scope, id } = contact;
  await forgetAddresses(contact, stopping.on);
  for (let done = false; !done; ) {
    await stopRuns({ scope, contactId: id }, { ...order, concerns: () => false }, stopping);
    ({ done } = await stopping.on.store.erase(contact, chunk));
    await nextTurn();
  }
  await stopWork(runs, order, stopping);
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
