import type { RowKey, Store } from '@tidings/core/spec';
import { expect } from 'vitest';
import { type ContractCase, rejectsWith } from '../contract-case.ts';
import {
  addressHash,
  messageUpdate,
  newId,
  newIdentifier,
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

const canary = 'canary-7f3a@example.com';

async function erase(store: Store, contact: RowKey, limit: number): Promise<number> {
  for (let calls = 1; calls <= 500; calls += 1) if ((await store.erase(contact, limit)).done) return calls;
  return expect.fail('erase was never done');
}

/** A person with rows of every kind, all of them holding a canary where personal data may stand. */
async function person(
  { store, scope }: StoreTrial,
  messages: number,
): Promise<{ contact: RowKey; sent: RowKey[]; runs: RowKey[] }> {
  const contact = await putContact(store, scope, 'email', canary, {
    data: JSON.stringify({ email: canary }),
    name: canary,
  });
  await write(store, {
    identifiers: {
      insert: [newIdentifier({ scope, kind: 'externalId', value: `user ${canary}`, contactId: contact.id })],
    },
    suppressions: { put: [newSuppression({ scope, hash: addressHash('email', canary), address: canary })] },
  });
  const sent: RowKey[] = [];
  const runs: RowKey[] = [];
  for (let index = 0; index < messages; index += 1) {
    const message = await putMessage(
      store,
      scope,
      {
        contactId: contact.id,
        address: canary,
        addressHash: addressHash('email', canary),
        status: 'failed',
        dueIn: null,
        errorCode: 'ADDRESS_REJECTED',
        error: `no such user: ${canary}`,
        timeline: [
          { event: 'queued' },
          { event: 'attempt', attempt: 1, adapter: 'ses', outcome: 'rejected', code: '550', reason: `no ${canary}` },
          { event: 'noted', by: { whom: canary } },
        ],
      },
      {
        ...{ contactId: contact.id, status: 'failed', completed: true, payload: JSON.stringify({ to: canary }) },
        options: JSON.stringify({ overrides: { email: { cc: canary } } }),
        cursors: JSON.stringify({ seen: canary }),
        error: `nobody like ${canary}`,
      },
    );
    await write(store, { contents: [{ scope, messageId: message.id, content: JSON.stringify({ html: canary }) }] });
    sent.push({ scope, id: message.id });
    runs.push({ scope, id: message.notificationId });
  }
  return { contact, sent, runs };
}

/** Everything that can still be read of a scope, as text. */
async function everything(
  store: Store,
  { scope }: RowKey,
  sent: readonly RowKey[],
  runs: readonly RowKey[],
): Promise<string> {
  const query = { scope, limit: 500 };
  const facts = await store.load({
    notifications: runs,
    messages: sent,
    contents: sent,
    suppressions: [{ scope, hash: addressHash('email', canary) }],
  });
  const lists = await Promise.all([
    store.listContacts(query),
    store.listNotifications(query),
    store.listMessages(query),
    store.listSuppressions(query),
  ]);
  return JSON.stringify([facts, lists]);
}

/** Erasure of a person. */
export const eraseCases: readonly ContractCase<StoreTrial>[] = [
  {
    name: 'S37 erase-subject: nothing plain is left, the hashes are',
    async run(trial) {
      const { store, scope } = trial;
      const { contact, sent, runs } = await person(trial, 5);
      expect(await everything(store, contact, sent, runs)).toContain(canary);
      await erase(store, contact, 100);
      expect(await everything(store, contact, sent, runs)).not.toContain(canary);
      const identifiers = [
        { scope, kind: 'email', value: canary },
        { scope, kind: 'externalId', value: `user ${canary}` },
      ];
      const facts = await store.load({
        contacts: [contact],
        identifiers,
        notifications: runs,
        contents: sent,
        suppressions: [{ scope, hash: addressHash('email', canary) }],
      });
      expect([facts.contacts, facts.contents]).toEqual([[], []]);
      expect(
        facts.notifications.map(({ payload, options, contactId, status }) => [payload, options, contactId, status]),
      ).toEqual(runs.map(() => ['{}', null, null, 'failed']));
      for (const row of facts.messages) {
        expect(row).toMatchObject({
          address: null,
          contactId: null,
          addressHash: addressHash('email', canary),
          status: 'failed',
          errorCode: 'ADDRESS_REJECTED',
        });
        expect(row.timeline).toEqual([
          { at: expect.any(Number), event: 'queued' },
          { at: expect.any(Number), event: 'attempt', attempt: 1, adapter: 'ses', outcome: 'rejected', code: '550' },
          { at: expect.any(Number), event: 'noted' },
        ]);
      }
      expect(facts.messages).toHaveLength(5);
      expect(only(facts.suppressions)).toMatchObject({ address: null, reason: 'bounced', channel: 'email' });
    },
  },
  {
    name: 'erase-in-steps',
    async run(trial) {
      const { store } = trial;
      const { contact, sent, runs } = await person(trial, 10);
      expect(await erase(store, contact, 3)).toBeGreaterThan(3);
      expect(await everything(store, contact, sent, runs)).not.toContain(canary);
      expect((await store.load({ contacts: [contact] })).contacts).toEqual([]);
    },
  },
  {
    name: 'erase-fences-late-writers',
    async run(trial) {
      const { store, scope } = trial;
      const { contact, sent, runs } = await person(trial, 1);
      const [message, run] = [await readMessage(store, only(sent)), await readNotification(store, only(runs))];
      await erase(store, contact, 100);
      const late = {
        messages: { update: [messageUpdate(message)] },
        contents: [{ scope, messageId: message.id, content: canary }],
      };
      await rejectsWith('STORE_CONFLICT', write(store, late, 2));
      await rejectsWith('STORE_CONFLICT', write(store, { notifications: { update: [notificationUpdate(run)] } }, 2));
      expect(await everything(store, contact, sent, runs)).not.toContain(canary);
    },
  },
  {
    name: 'erase-waits-for-what-goes-on',
    async run(trial) {
      const { store, scope } = trial;
      const { contact, sent } = await person(trial, 1);
      const open = await putMessage(
        store,
        scope,
        { contactId: contact.id, address: canary },
        { contactId: contact.id },
      );
      for (let calls = 0; calls < 3; calls += 1) expect(await store.erase(contact, 100)).toEqual({ done: false });
      expect(await readMessage(store, only(sent))).toMatchObject({ address: null, contactId: null });
      const row = await readMessage(store, open);
      expect(row).toMatchObject({ address: canary, contactId: contact.id, epoch: 1 });
      const run = await readNotification(store, { scope, id: open.notificationId });
      expect((await store.load({ contacts: [contact] })).contacts).toHaveLength(1);
      await write(store, {
        notifications: { update: [notificationUpdate(run, { status: 'stopped', completed: true })] },
        messages: { update: [messageUpdate(row, { status: 'cancelled' })] },
      });
      expect(await store.erase(contact, 100)).toEqual({ done: true });
      expect(await readMessage(store, open)).toMatchObject({ address: null, epoch: 3 });
    },
  },
  {
    name: 'erase-twice-and-of-nobody',
    async run(trial) {
      const { store, scope } = trial;
      const { contact } = await person(trial, 1);
      await erase(store, contact, 100);
      expect(await erase(store, contact, 100)).toBe(1);
      expect(await erase(store, { scope, id: newId() }, 1)).toBe(1);
    },
  },
  {
    name: 'erase-touches-nobody-else',
    async run(trial) {
      const { store, scope, otherScope } = trial;
      const { contact, sent } = await person(trial, 2);
      const neighbour = await putContact(store, scope, 'email', 'neighbour@example.com', { data: '{"n":1}' });
      const theirs = await putMessage(
        store,
        scope,
        { contactId: neighbour.id, address: 'neighbour@example.com' },
        { contactId: neighbour.id, payload: '{"p":1}' },
      );
      await write(store, { contents: [{ scope, messageId: theirs.id, content: '{"c":1}' }] });
      await putContact(store, otherScope, 'email', canary, { id: contact.id, data: '{"other":1}' });
      const same = await putMessage(
        store,
        otherScope,
        { id: only(sent.slice(0, 1)).id, contactId: contact.id, address: canary },
        { contactId: contact.id },
      );
      await erase(store, contact, 100);
      expect((await store.load({ contacts: [neighbour], contents: [theirs] })).contents).toHaveLength(1);
      expect(await readMessage(store, theirs)).toMatchObject({
        address: 'neighbour@example.com',
        contactId: neighbour.id,
      });
      expect(await readMessage(store, same)).toMatchObject({ address: canary, contactId: contact.id });
      const other = await store.load({ identifiers: [{ scope: otherScope, kind: 'email', value: canary }] });
      expect(only(other.contacts).row).toMatchObject({ scope: otherScope, data: '{"other":1}' });
      await putContact(store, scope, 'email', canary);
    },
  },
];
