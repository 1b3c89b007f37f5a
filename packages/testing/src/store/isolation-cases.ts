import { expect } from 'vitest';
import { type ContractCase, rejectsWith } from '../contract-case.ts';
import {
  contactUpdate,
  messageUpdate,
  newIdempotency,
  newNotification,
  newSuppression,
  notificationUpdate,
  only,
  putContact,
  putMessage,
  readMessage,
  readNotification,
  write,
} from './rows.ts';
import type { StoreTrial } from './store-trial.ts';

/** Nothing crosses a scope. */
export const isolationCases: readonly ContractCase<StoreTrial>[] = [
  {
    name: 'S36 tenant-isolation-every-method: reads',
    async run({ store, scope, otherScope }) {
      const contact = await putContact(store, scope, 'email', 'a@example.com', { name: 'ann' });
      const message = await putMessage(store, scope, { contactId: contact.id }, { contactId: contact.id });
      const run = newNotification({ scope, broadcastId: 'launch', recipientKey: 'ann' });
      const key = newIdempotency({ scope });
      const suppression = newSuppression({ scope });
      await write(store, {
        notifications: { insert: [run] },
        contents: [{ scope, messageId: message.id, content: '{}' }],
        idempotency: [key],
        suppressions: { put: [suppression] },
        broadcasts: [
          { scope, id: 'launch', event: 'welcome', cursor: null, status: 'running', accepted: 1, rejected: 0 },
        ],
      });
      const readAs = async (as: number): Promise<number[]> => {
        const facts = await store.load({
          identifiers: [{ scope: as, kind: 'email', value: 'a@example.com' }],
          contacts: [{ ...contact, scope: as }],
          idempotency: [{ ...key, scope: as }],
          suppressions: [{ ...suppression, scope: as }],
          notifications: [
            { ...run, scope: as },
            { scope: as, id: message.notificationId },
          ],
          messages: [{ ...message, scope: as }],
          contents: [{ ...message, scope: as }],
          broadcasts: [{ scope: as, id: 'launch' }],
          recipients: [{ scope: as, broadcastId: 'launch', key: 'ann' }],
        });
        const query = { scope: as, limit: 10, total: true };
        const lists = await Promise.all([
          store.listContacts({ ...query, search: 'ann' }),
          store.listContacts(query),
          store.listNotifications({ ...query, contactId: contact.id }),
          store.listMessages({ ...query, contactId: contact.id }),
          store.listSuppressions(query),
        ]);
        const { contacts, idempotency, suppressions, notifications, messages, contents, broadcasts, recipients } =
          facts;
        return [
          ...[contacts, idempotency, suppressions, notifications, messages, contents, broadcasts, recipients].map(
            (rows) => rows.length,
          ),
          ...lists.flatMap(({ items, total }) => [items.length, total ?? -1]),
        ];
      };
      expect(await readAs(scope)).toEqual([1, 1, 1, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]);
      expect(new Set(await readAs(otherScope))).toEqual(new Set([0]));
    },
  },
  {
    name: 'S36 tenant-isolation-every-method: writes',
    async run({ store, scope, otherScope }) {
      const contact = await putContact(store, scope, 'email', 'a@example.com');
      const message = await putMessage(store, scope, { contactId: contact.id });
      const before = await store.load({ contacts: [contact], messages: [message] });
      const run = await readNotification(store, { scope, id: message.notificationId });
      const foreign = { scope: otherScope };
      const attempts = [
        { contacts: { update: [contactUpdate(only(before.contacts), { ...foreign, data: '{"stolen":1}' })] } },
        { messages: { update: [messageUpdate(only(before.messages), { ...foreign, status: 'cancelled' })] } },
        { notifications: { update: [notificationUpdate(run, { ...foreign, status: 'stopped' })] } },
      ];
      for (const writes of attempts) await rejectsWith('STORE_CONFLICT', write(store, writes, 1));
      await write(store, {
        identifiers: { remove: [{ scope: otherScope, kind: 'email', value: 'a@example.com', contactId: contact.id }] },
        suppressions: { put: [newSuppression({ scope })] },
      });
      const { hash, channel } = newSuppression({ scope });
      await write(store, { suppressions: { remove: [{ scope: otherScope, hash, channel }] } });
      expect(await store.erase({ scope: otherScope, id: contact.id }, 100)).toEqual({ done: true });
      expect(await store.load({ contacts: [contact], messages: [message] })).toMatchObject({
        contacts: before.contacts,
        messages: before.messages,
      });
      expect((await store.load({ suppressions: [{ scope, hash }] })).suppressions).toHaveLength(1);
    },
  },
  {
    name: 'S36 tenant-isolation-every-method: one commit over two tenants',
    async run({ store, scope, otherScope }) {
      const names = { [scope]: 'one', [otherScope]: 'other' };
      const put = await Promise.all(
        [scope, otherScope].map((each) => putContact(store, each, 'email', 'a@example.com')),
      );
      const facts = await store.load({
        identifiers: [scope, otherScope].map((each) => ({ scope: each, kind: 'email', value: 'a@example.com' })),
      });
      await write(store, {
        contacts: {
          update: facts.contacts.map((known) => contactUpdate(known, { data: JSON.stringify(names[known.row.scope]) })),
        },
      });
      const after = await store.load({ contacts: put });
      expect(Object.fromEntries(after.contacts.map(({ row }) => [row.scope, JSON.parse(row.data)]))).toEqual(names);
      expect((await Promise.all([scope, otherScope].map((each) => putMessage(store, each)))).length).toBe(2);
    },
  },
  {
    name: 'S36 tenant-isolation-every-method: modes are scopes',
    async run({ store }) {
      const tenant = `modes-${Math.random()}`;
      const [live, test] = [await store.scope(tenant, 'live'), await store.scope(tenant, 'test')];
      const message = await putMessage(store, test);
      expect((await store.load({ messages: [{ ...message, scope: live }] })).messages).toEqual([]);
      expect((await readMessage(store, message)).scope).toBe(test);
    },
  },
];
