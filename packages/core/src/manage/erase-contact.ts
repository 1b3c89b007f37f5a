import type { Stopped } from '../define/views.ts';
import type { Context } from '../plan/context.ts';
import { hashKey } from '../rules/hash-key.ts';
import type { MessageRow, Page, RowKey, Scope, ScopeId } from '../spec/index.ts';
import { stopWork } from './stop-work.ts';

const chunk = 200;

/** Stops what runs for a contact, then removes every plain text of theirs, a chunk a transaction. */
export async function eraseContact(contact: RowKey, named: Scope, on: Context): Promise<Stopped> {
  const query = { scope: contact.scope, contactId: contact.id, status: ['running', 'waiting'] as const, limit: chunk };
  let cancelled = 0;
  let alreadyHandedOver = 0;
  let cursor: string | null = null;
  do {
    const page = await on.store.listNotifications({ ...query, ...(cursor === null ? {} : { cursor }) });
    const stopped = await stopWork(
      page.items.map(({ scope, id }) => ({ scope, id })),
      {
        to: 'cancelled',
        change: { timeline: [{ event: 'cancelled', reason: 'contact erased' }] },
        concerns: () => true,
        stopRun: true,
      },
      named,
      on,
    );
    cancelled += stopped.cancelled;
    alreadyHandedOver += stopped.alreadyHandedOver;
    cursor = page.cursor;
  } while (cursor !== null);
  await forgetAddresses(contact, on);
  let done = false;
  while (!done) ({ done } = await on.store.erase(contact, chunk));
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
