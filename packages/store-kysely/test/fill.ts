import type { ScopeId, Store } from '@tidings/core/spec';
import {
  addressHash,
  newContact,
  newIdempotency,
  newIdentifier,
  newMessage,
  newNotification,
  newSuppression,
} from '@tidings/testing';

/**
 * Accepts so many batches of 500 messages, each to a contact of its own, over five lanes; a third of them not due, and their
 * notifications over.
 */
export async function fill(store: Store, scope: ScopeId, batches: number): Promise<void> {
  for (let batch = 0; batch < batches; batch += 1) {
    const contacts = Array.from({ length: 500 }, () => newContact({ scope }));
    const notifications = contacts.map(({ id }, index) =>
      newNotification({
        scope,
        contactId: id,
        broadcastId: 'b',
        recipientKey: id,
        ...(index % 3 ? {} : { status: 'stopped', completed: true }),
      }),
    );
    const messages = notifications.map(({ id, contactId }, index) =>
      newMessage({
        scope,
        notificationId: id,
        contactId,
        lane: `lane${index % 5}`,
        dueIn: index % 3 ? 1_000_000 : null,
      }),
    );
    const writes = {
      contacts: { insert: contacts },
      identifiers: { insert: contacts.map(({ id }) => newIdentifier({ scope, contactId: id })) },
      notifications: { insert: notifications },
      messages: { insert: messages },
      contents: messages.map(({ id }) => ({ scope, messageId: id, content: '{}' })),
      idempotency: contacts.map(({ id }) => newIdempotency({ scope, key: id })),
      suppressions: { put: contacts.map(({ id }) => newSuppression({ scope, hash: addressHash('email', id) })) },
    };
    await store.commit({ kind: 'suppressions', reads: {}, decide: () => ({ writes, result: null }) });
  }
}
