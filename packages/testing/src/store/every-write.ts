import type { Reads, Writes } from '@tidings/core/spec';
import { newContact, newIdempotency, newIdentifier, newMessage, newNotification, newSuppression } from './rows.ts';

/** One of every kind of write, in two commits, with names in place of what differs between two of these. */
export async function everyWrite(
  scope: number,
  lane: string,
): Promise<{
  readonly writes: readonly Writes[];
  readonly names: readonly (readonly [string, string])[];
  readonly reads: Reads;
}> {
  const contact = newContact({ scope, data: '{"a":1}', name: 'Jane' });
  const other = newContact({ scope });
  const email = newIdentifier({ scope, contactId: contact.id, value: 'jane@example.com' });
  const phone = newIdentifier({ scope, contactId: contact.id, kind: 'phone', value: '+4670' });
  const token = newIdentifier({ scope, contactId: contact.id, kind: 'pushToken', value: 'token' });
  const notification = newNotification({ scope, contactId: contact.id, payload: '{"é":"😀"}', options: '{}' });
  const message = newMessage({ scope, lane, notificationId: notification.id, contactId: contact.id, expiresIn: 9 });
  const bounced = newSuppression({ scope });
  const complained = newSuppression({ scope, channel: 'sms' });
  const broadcast = {
    scope,
    id: 'news',
    event: 'welcome',
    cursor: 'c1',
    status: 'running',
    accepted: 2,
    rejected: 1,
  } as const;
  const writes: readonly Writes[] = [
    {
      contacts: { insert: [contact, other] },
      identifiers: { insert: [email, phone, token] },
      notifications: { insert: [notification] },
      messages: { insert: [message] },
      contents: [{ scope, messageId: message.id, content: '{"subject":"x"}' }],
      suppressions: { put: [bounced, complained] },
      broadcasts: [broadcast],
      lanes: [{ lane, pauseIn: 5_000 }],
      idempotency: [newIdempotency({ scope, key: 'k' })],
    },
    {
      contacts: { update: [{ ...contact, version: 1, name: null }] },
      identifiers: { remove: [phone], move: [{ ...token, contactId: other.id }] },
      notifications: {
        update: [
          {
            scope,
            id: notification.id,
            version: 1,
            status: 'completed',
            completed: true,
            cursors: '[]',
            openSteps: 0,
            dueIn: null,
            leaseIn: null,
            errorCode: 'X',
            error: 'y',
          },
        ],
      },
      messages: {
        update: [
          {
            scope,
            id: message.id,
            epoch: 1,
            status: 'sent',
            attempts: 1,
            lane,
            dueIn: null,
            calling: false,
            leaseIn: null,
            provider: 'p',
            providerId: 'i',
            reason: null,
            errorCode: null,
            error: null,
            language: 'en',
            reached: ['sent'],
            timeline: [{ event: 'sent' }],
          },
        ],
      },
      contents: [{ scope, messageId: message.id, content: 'ignored' }],
      suppressions: { put: [{ ...bounced, note: 'again' }], remove: [complained] },
      broadcasts: [{ ...broadcast, status: 'completed', cursor: null }],
    },
  ];
  const names = Object.entries({ contact, other, notification, message }).map(([name, { id }]) => [id, name] as const);
  return {
    writes,
    names: [...names, [lane, 'lane'] as const, [`"scope":${scope},`, '"scope":0,'] as const],
    reads: {
      contacts: [contact, other],
      notifications: [notification],
      contents: [{ scope, id: message.id }],
      suppressions: [bounced],
      broadcasts: [broadcast],
      idempotency: [{ scope, event: 'welcome', key: 'k' }],
    },
  };
}
