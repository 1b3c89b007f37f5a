import type { ClaimedMessage, Store, Writes } from '@tidings/core/spec';
import {
  databases,
  messageUpdate,
  newContact,
  newIdempotency,
  newIdentifier,
  newMessage,
  newNotification,
} from '@tidings/testing';
import { describe, expect, it } from 'vitest';
import { places, type Server } from './subjects.ts';

/** What an accept of so many messages to new contacts writes. */
function acceptOf(scope: number, count: number): Writes {
  const contacts = Array.from({ length: count }, () => newContact({ scope }));
  const identifiers = contacts.map(({ id }) => newIdentifier({ scope, contactId: id }));
  const notifications = contacts.map(({ id }) => newNotification({ scope, contactId: id }));
  const messages = notifications.map(({ id, contactId }) =>
    newMessage({ scope, notificationId: id, contactId, lane: `lane-${count}` }),
  );
  const idempotency = contacts.map(({ id }) => newIdempotency({ scope, key: id }));
  return {
    contacts: { insert: contacts },
    identifiers: { insert: identifiers },
    notifications: { insert: notifications },
    messages: { insert: messages },
    idempotency,
  };
}

const servers: readonly Server[] = ['postgres', 'mariadb'];
for (const name of servers)
  describe.skipIf(databases([name]).length === 0)(`round trips on ${name}`, () => {
    it('are as many for one item as for hundreds', async () => {
      const place = await places[name]();
      const sent: string[] = [];
      const store: Store = place.open({ observe: ({ text }) => sent.push(text) });
      const scope = await store.scope('tenant', 'live');

      async function countOf(work: () => Promise<unknown>): Promise<number> {
        sent.length = 0;
        await work();
        return sent.length;
      }
      async function counts(size: number): Promise<readonly number[]> {
        const writes = acceptOf(scope, size);
        const lane = `lane-${size}`;
        const accept = await countOf(() =>
          store.commit({
            kind: 'accept',
            reads: { identifiers: writes.identifiers?.insert ?? [], idempotency: writes.idempotency ?? [] },
            decide: () => ({ writes, result: null }),
          }),
        );
        let leased: readonly ClaimedMessage[] = [];
        const claim = await countOf(async () => {
          leased = (await store.claim({ lanes: [{ lane, limit: size + 1 }], leaseMs: 1_000 })).messages;
        });
        const renew = await countOf(() =>
          store.renew(
            leased.map(({ message }) => message),
            1_000,
          ),
        );
        const settle = await countOf(() =>
          store.commit({
            kind: 'settle',
            reads: { messages: writes.messages?.insert ?? [], lock: true },
            decide: ({ messages }) => ({
              writes: {
                messages: { update: messages.map((row) => messageUpdate(row, { status: 'sent', dueIn: null })) },
              },
              result: null,
            }),
          }),
        );
        return [accept, claim, renew, settle];
      }
      const one = await counts(1);
      expect(await counts(300)).toEqual(one);
      expect(Math.max(...one)).toBeLessThanOrEqual(14);
      await store.close();
      await place.drop();
    }, 60_000);
  });
