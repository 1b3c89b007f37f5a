import type { ClaimedMessage, RowKey, Scope } from '../spec/index.ts';

/** A contact that is no more, and the notifications that messages to it were claimed of. */
export interface ErasedContact {
  readonly contact: RowKey;
  readonly scope: Scope;
  readonly runs: readonly RowKey[];
}

/**
 * Whether its contact was erased before the transaction that accepted the message was committed: nobody may be called for it.
 * One to a plain address never had a contact.
 */
export function isErased({ message, contact }: ClaimedMessage): boolean {
  return message.contactId !== null && contact === null;
}

/** Finishes the erasure of the contacts of such messages. What fails stays leased, and comes back when its lease lapses. */
export async function finishErasures(
  messages: readonly ClaimedMessage[],
  scopeOf: (scope: number) => Promise<Scope>,
  erase: (erased: ErasedContact) => Promise<void>,
  failed: (error: unknown) => void,
): Promise<void> {
  const byContact = new Map<string, ClaimedMessage[]>();
  for (const one of messages) {
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
}
