import type { Claim, ClaimedMessage, RowKey, Scope } from '../spec/index.ts';

/** A contact that is no more, and the notifications that messages to it were claimed of. */
export interface ErasedContact {
  readonly contact: RowKey;
  readonly scope: Scope;
  readonly runs: readonly RowKey[];
}

/**
 * Takes messages out of a claim whose contact was erased before the transaction that accepted them was committed: nobody is
 * called, and their erasure is finished. One to a plain address never had a contact. What fails here stays leased, and comes
 * back when its lease lapses.
 */
export async function leaveErased(
  got: Claim,
  scopeOf: (scope: number) => Promise<Scope>,
  erase: (erased: ErasedContact) => Promise<void>,
  failed: (error: unknown) => void,
): Promise<Claim> {
  const gone = got.messages.filter(isGone);
  if (gone.length === 0) return got;
  const byContact = new Map<string, ClaimedMessage[]>();
  for (const one of gone) {
    const key = `${one.message.scope}/${one.message.contactId}`;
    byContact.set(key, [...(byContact.get(key) ?? []), one]);
  }
  for (const its of byContact.values()) {
    const { scope, contactId } = (its[0] as ClaimedMessage).message;
    const runs = new Map(its.map(({ notification }) => [notification.id, { scope, id: notification.id }]));
    try {
      const contact = { scope, id: String(contactId) };
      await erase({ contact, scope: await scopeOf(scope), runs: [...runs.values()] });
    } catch (error) {
      failed(error);
    }
  }
  return { ...got, messages: got.messages.filter((one) => !isGone(one)) };
}

function isGone({ message, contact }: ClaimedMessage): boolean {
  return message.contactId !== null && contact === null;
}
