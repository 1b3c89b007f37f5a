import { type Facts, TidingsError, type Writes } from '@tidings/core/spec';
import { expect } from 'vitest';
import { type ContractCase, rejectsWith } from '../contract-case.ts';
import {
  addressHash,
  newContact,
  newId,
  newIdempotency,
  newIdentifier,
  newMessage,
  newNotification,
  newSuppression,
  notificationUpdate,
  only,
  putContact,
  putMessage,
  readKey,
  readMessage,
  readNotification,
  write,
} from './rows.ts';
import type { StoreTrial } from './store-trial.ts';

/** One row of every kind, as an accept writes them. */
function everyKind(
  scope: number,
): Required<Pick<Writes, 'notifications' | 'messages' | 'contacts' | 'identifiers'>> & Writes {
  const contact = newContact({ scope });
  const notification = newNotification({ scope, contactId: contact.id });
  const message = newMessage({ scope, notificationId: notification.id, contactId: contact.id });
  return {
    contacts: { insert: [contact] },
    identifiers: { insert: [newIdentifier({ scope, contactId: contact.id })] },
    notifications: { insert: [notification] },
    messages: { insert: [message] },
    contents: [{ scope, messageId: message.id, content: '{"subject":"Hi"}' }],
    idempotency: [newIdempotency({ scope })],
    suppressions: { put: [newSuppression({ scope })] },
    broadcasts: [{ scope, id: newId(), event: 'welcome', cursor: null, status: 'running', accepted: 1, rejected: 0 }],
  };
}

function load(trial: StoreTrial, writes: Writes): Promise<Facts> {
  return trial.store.load({
    contacts: writes.contacts?.insert ?? [],
    identifiers: writes.identifiers?.insert ?? [],
    notifications: writes.notifications?.insert ?? [],
    messages: writes.messages?.insert ?? [],
    contents: (writes.contents ?? []).map(({ scope, messageId }) => ({ scope, id: messageId })),
    idempotency: writes.idempotency ?? [],
    suppressions: writes.suppressions?.put ?? [],
    broadcasts: writes.broadcasts ?? [],
  });
}

function counts(facts: Facts): number[] {
  const { contacts, notifications, messages, contents, idempotency, suppressions, broadcasts } = facts;
  return [contacts, notifications, messages, contents, idempotency, suppressions, broadcasts].map(
    (rows) => rows.length,
  );
}

const nothing = [0, 0, 0, 0, 0, 0, 0];

/** The one write operation. */
export const commitCases: readonly ContractCase<StoreTrial>[] = [
  {
    name: 'S5 accept-atomic',
    async run(trial) {
      const writes = everyKind(trial.scope);
      await write(trial.store, writes);
      expect(counts(await load(trial, writes))).toEqual([1, 1, 1, 1, 1, 1, 1]);
    },
  },
  {
    name: 'S6 rollback-leaves-nothing: decide throws',
    async run(trial) {
      const error = new TidingsError('CONFLICT', 'decided against');
      let calls = 0;
      const refused = trial.store.commit({
        kind: 'accept',
        reads: {},
        decide() {
          calls += 1;
          throw error;
        },
      });
      await expect(refused).rejects.toBe(error);
      expect(calls).toBe(1);
    },
  },
  {
    name: 'S6 rollback-leaves-nothing: one row refused',
    async run(trial) {
      const writes = everyKind(trial.scope);
      const refused = newIdentifier({ scope: trial.scope, value: 'x'.repeat(300), contactId: newId() });
      const error = await rejectsWith(
        'STORE_REFUSED',
        write(trial.store, { ...writes, identifiers: { insert: [...(writes.identifiers.insert ?? []), refused] } }),
      );
      expect(error.message).not.toContain('xxx');
      expect(counts(await load(trial, writes))).toEqual(nothing);
    },
  },
  {
    name: 'S6 rollback-leaves-nothing: the last guard fails',
    async run(trial) {
      const { store, scope } = trial;
      const writes = everyKind(scope);
      const taken = newIdentifier({ scope, contactId: (await putContact(store, scope, 'phone', '+46700000000')).id });
      await write(store, { identifiers: { insert: [taken] } });
      const identifiers = { insert: [...(writes.identifiers.insert ?? []), taken] };
      await rejectsWith('STORE_CONFLICT', write(store, { ...writes, identifiers }));
      expect(counts(await load(trial, writes))).toEqual(nothing);
      await write(store, writes);
    },
  },
  {
    name: 'S8 duplicate-id: a conflict that leaves the first as it was',
    async run({ store, scope, otherScope }) {
      const message = await putMessage(store, scope, { address: 'first@example.com' });
      const contact = await putContact(store, scope, 'email', 'first@example.com', { data: '{"n":1}' });
      const { notificationId } = message;
      const again = newMessage({ scope, notificationId, id: message.id });
      await rejectsWith('STORE_CONFLICT', write(store, { messages: { insert: [again] } }, 2));
      const sameRun = newNotification({ scope, id: notificationId });
      await rejectsWith('STORE_CONFLICT', write(store, { notifications: { insert: [sameRun] } }, 2));
      const sameContact = newContact({ scope, id: contact.id });
      await rejectsWith('STORE_CONFLICT', write(store, { contacts: { insert: [sameContact] } }, 2));
      expect((await readMessage(store, message)).address).toBe('first@example.com');
      expect(only((await store.load({ contacts: [contact] })).contacts).row.data).toBe('{"n":1}');
      await write(store, { contacts: { insert: [{ ...sameContact, scope: otherScope }] } });
    },
  },
  {
    name: 'decide-runs-as-often-as-allowed',
    async run({ store, scope }) {
      const contact = await putContact(store, scope, 'email', 'a@example.com');
      const callsFor = async (attempts?: number): Promise<number> => {
        let calls = 0;
        const lost = store.commit({
          kind: 'contacts',
          reads: {},
          ...(attempts === undefined ? {} : { attempts }),
          decide() {
            calls += 1;
            return { writes: { contacts: { update: [{ ...contact, version: 7 }] } }, result: null };
          },
        });
        const error = await rejectsWith('STORE_CONFLICT', lost);
        expect(error.retryable).toBe(true);
        return calls;
      };
      expect(await callsFor()).toBe(10);
      expect(await callsFor(3)).toBe(3);
    },
  },
  {
    name: 'more-reads-until-it-decides',
    async run({ store, scope }) {
      const chain = await Promise.all(['a', 'b', 'c'].map((name) => putContact(store, scope, 'externalId', name)));
      const seen: number[] = [];
      const times = new Set<number>();
      const result = await store.commit({
        kind: 'contacts',
        reads: { contacts: chain.slice(0, 1) },
        decide(facts) {
          times.add(facts.now);
          seen.push(facts.contacts.length);
          const next = chain[facts.contacts.length];
          return next
            ? { more: { contacts: [next] } }
            : { writes: {}, result: facts.contacts.map(({ row }) => row.id) };
        },
      });
      expect(seen).toEqual([1, 2, 3]);
      expect(times.size).toBe(1);
      expect(new Set(result)).toEqual(new Set(chain.map(({ id }) => id)));
    },
  },
  {
    name: 'reads-name-a-row-twice-and-get-it-once',
    async run({ store, scope }) {
      const contact = await putContact(store, scope, 'email', 'a@example.com');
      const message = await putMessage(store, scope);
      const idempotency = newIdempotency({ scope });
      const suppression = newSuppression({ scope });
      await write(store, { idempotency: [idempotency], suppressions: { put: [suppression] } });
      const key = { scope, kind: 'email', value: 'a@example.com' };
      const run = { scope, id: message.notificationId };
      const facts = await store.load({
        contacts: [contact, contact],
        identifiers: [key, key],
        notifications: [run, run],
        messages: [message, message],
        idempotency: [idempotency, idempotency],
        suppressions: [suppression, suppression],
      });
      expect(counts(facts)).toEqual([1, 1, 1, 0, 1, 1, 0]);
    },
  },
  {
    name: 'reads-of-nothing-are-empty',
    async run({ store, scope }) {
      const nobody = { scope, id: newId() };
      const facts = await store.load({
        contacts: [nobody],
        notifications: [nobody],
        messages: [nobody],
        contents: [nobody],
        broadcasts: [nobody],
        recipients: [{ scope, broadcastId: 'none', key: 'none' }],
        identifiers: [{ scope, kind: 'email', value: 'nobody@example.com' }],
        idempotency: [{ scope, event: 'welcome', key: 'none' }],
        suppressions: [{ scope, hash: addressHash('email', 'nobody') }],
      });
      expect([...counts(facts), facts.recipients.length]).toEqual([...nothing, 0]);
      expect(counts(await store.load({}))).toEqual(nothing);
    },
  },
  {
    name: 'inserted-and-changed-in-one-commit',
    async run({ store, scope }) {
      const run = newNotification({ scope });
      const update = notificationUpdate({ ...run, version: 1, completedAt: null } as never, {
        status: 'completed',
        completed: true,
      });
      await write(store, { notifications: { insert: [run], update: [update] } });
      const row = await readNotification(store, run);
      expect([row.status, row.version]).toEqual(['completed', 2]);
    },
  },
  {
    name: 'rows-are-copies-both-ways',
    async run({ store, scope }) {
      const entry = { event: 'queued', more: { deep: 'as given' } };
      const given = newMessage({ scope, notificationId: newId(), timeline: [entry] });
      await write(store, {
        notifications: { insert: [newNotification({ scope, id: given.notificationId })] },
        messages: { insert: [given] },
      });
      entry.more.deep = 'changed by the giver';
      given.addressHash?.fill(0);
      const read = await readMessage(store, given);
      expect(read.timeline[0]).toMatchObject({ more: { deep: 'as given' } });
      expect(read.addressHash).toEqual(addressHash('email', 'jane@example.com'));
      read.addressHash?.fill(0);
      (read.timeline[0] as unknown as typeof entry).more.deep = 'changed by the reader';
      const again = await readMessage(store, given);
      expect(again.timeline[0]).toMatchObject({ more: { deep: 'as given' } });
      expect(again.addressHash).toEqual(addressHash('email', 'jane@example.com'));
    },
  },
  {
    name: 'one-now-for-every-time',
    async run({ store, scope }) {
      const run = newNotification({ scope, dueIn: 5_000, expiresIn: 60_000 });
      const plain = newMessage({ scope, notificationId: run.id, dueIn: 1_000, expiresIn: 70_000 });
      const leased = newMessage({ scope, notificationId: run.id, dueIn: 0, leaseIn: 45_000 });
      const never = newMessage({ scope, notificationId: run.id, status: 'suppressed', reason: 'bounced', dueIn: null });
      const key = newIdempotency({ scope, expiresIn: 86_400_000 });
      const now = await store.commit({
        kind: 'accept',
        reads: {},
        decide: (facts) => ({
          writes: {
            notifications: { insert: [run] },
            messages: { insert: [plain, leased, never] },
            idempotency: [key],
          },
          result: facts.now,
        }),
      });
      expect(Number.isInteger(now)).toBe(true);
      expect(await readNotification(store, run)).toMatchObject({
        ...{
          version: 1,
          createdAt: now,
          dueAt: now + 5_000,
          expiresAt: now + 60_000,
          completedAt: null,
          leaseUntil: null,
        },
      });
      const fields = {
        epoch: 1,
        attempts: 0,
        sequence: 0,
        createdAt: now,
        callingAt: null,
        sentAt: null,
        providerId: null,
      };
      expect(await readMessage(store, plain)).toMatchObject({
        ...{ ...fields, dueAt: now + 1_000, leaseUntil: null, expiresAt: now + 70_000 },
        timeline: [{ event: 'queued', at: now }],
      });
      expect(await readMessage(store, leased)).toMatchObject({ dueAt: now + 45_000, leaseUntil: now + 45_000 });
      expect(await readMessage(store, never)).toMatchObject({ dueAt: null, leaseUntil: null });
      expect(only(await readKey(store, scope, key.key)).expiresAt).toBe(now + 86_400_000);
    },
  },
  {
    name: 'notifications-bring-all-their-messages',
    async run({ store, scope }) {
      const run = newNotification({ scope });
      const messages = ['a', 'b', 'c'].map((step) => newMessage({ scope, notificationId: run.id, step }));
      await write(store, { notifications: { insert: [run] }, messages: { insert: messages } });
      const facts = await store.load({ notifications: [run], messages: messages.slice(0, 1) });
      expect(facts.messages.map(({ step }) => step).sort()).toEqual(['a', 'b', 'c']);
    },
  },
];
