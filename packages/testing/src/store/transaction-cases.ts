import type { Store, Work, Writes } from '@tidings/core/spec';
import { expect } from 'vitest';
import { type ContractCase, rejectsWith } from '../contract-case.ts';
import { everyWrite } from './every-write.ts';
import { naughtyStrings } from './naughty-strings.ts';
import {
  contactUpdate,
  messageUpdate,
  newContact,
  newIdempotency,
  newIdentifier,
  newMessage,
  newNotification,
  notificationUpdate,
  only,
  putContact,
  putMessage,
  readKey,
  readMessage,
  readNotification,
  write,
} from './rows.ts';
import type { HostTransaction, StoreTrial } from './store-trial.ts';

/** A commit in the host's transaction, whatever that is. */
function commitIn<R>(store: Store, { transaction }: HostTransaction, work: Work<R>): Promise<R> {
  return store.commit(work, { transaction } as never);
}

function writeIn(store: Store, host: HostTransaction, writes: Writes): Promise<void> {
  return commitIn(store, host, { kind: 'accept', reads: {}, decide: () => ({ writes, result: undefined }) });
}

/** A new contact with a notification, a message and a key: what a send writes. */
function sendOf({ scope, lane }: StoreTrial, key = 'order-1') {
  const contact = newContact({ scope });
  const identifier = newIdentifier({ scope, contactId: contact.id });
  const notification = newNotification({ scope, contactId: contact.id });
  const message = newMessage({ scope, lane, notificationId: notification.id, contactId: contact.id });
  const idempotency = newIdempotency({ scope, key });
  const writes: Writes = {
    contacts: { insert: [contact] },
    identifiers: { insert: [identifier] },
    notifications: { insert: [notification] },
    messages: { insert: [message] },
    idempotency: [idempotency],
  };
  return { contact, identifier, notification, message, idempotency, writes };
}

async function everything({ store, scope }: StoreTrial, { contact, notification }: ReturnType<typeof sendOf>) {
  const facts = await store.load({
    contacts: [contact],
    notifications: [notification],
    idempotency: [{ scope, event: 'welcome', key: 'order-1' }],
  });
  const { contacts, notifications, messages, idempotency } = facts;
  return {
    contacts: contacts.length,
    notifications: notifications.length,
    messages: messages.length,
    keys: idempotency.length,
  };
}

const all = { contacts: 1, notifications: 1, messages: 1, keys: 1 };
const nothing = { contacts: 0, notifications: 0, messages: 0, keys: 0 };

/** Commits inside a transaction of the host's. */
export const transactionCases: readonly ContractCase<StoreTrial>[] = [
  {
    name: 'join-commit: the rows of both are there when the host commits, and not before',
    needs: ['transaction'],
    async run(trial) {
      const sent = sendOf(trial);
      const host = await trial.begin();
      await host.note('order');
      await writeIn(trial.store, host, sent.writes);
      if (!host.alone) expect(await everything(trial, sent)).toEqual(nothing);
      await host.commit();
      expect(await everything(trial, sent)).toEqual(all);
      expect(await host.notes()).toEqual(['order']);
      expect((await trial.claim()).map(({ message }) => message.id)).toEqual([sent.message.id]);
    },
  },
  {
    name: 'join-rollback: nothing is left, and the key is free',
    needs: ['transaction'],
    async run(trial) {
      const sent = sendOf(trial);
      const host = await trial.begin();
      await host.note('order');
      await writeIn(trial.store, host, sent.writes);
      await host.rollback();
      expect(await everything(trial, sent)).toEqual(nothing);
      expect(await host.notes()).toEqual([]);
      expect(await trial.claim()).toEqual([]);
      await write(trial.store, sent.writes);
      expect(await everything(trial, sent)).toEqual(all);
    },
  },
  {
    name: 'join-sees-itself: a commit reads what the one before it wrote, and may change it',
    needs: ['transaction'],
    async run(trial) {
      const { store, scope } = trial;
      const sent = sendOf(trial);
      const host = await trial.begin();
      await writeIn(store, host, sent.writes);
      const seen = await commitIn(store, host, {
        kind: 'cancel',
        reads: {
          identifiers: [sent.identifier],
          notifications: [sent.notification],
          idempotency: [sent.idempotency],
          lock: true,
        },
        decide(facts) {
          const message = messageUpdate(only(facts.messages), { status: 'cancelled' });
          const notification = notificationUpdate(only(facts.notifications), { status: 'stopped', completed: true });
          const contact = contactUpdate(only(facts.contacts), { name: 'Jane' });
          return {
            writes: {
              messages: { update: [message] },
              notifications: { update: [notification] },
              contacts: { update: [contact] },
            },
            result: only(facts.idempotency).result,
          };
        },
      });
      expect(seen).toBe(sent.idempotency.result);
      await host.commit();
      expect(await readMessage(store, sent.message)).toMatchObject({ status: 'cancelled', dueAt: null, epoch: 2 });
      expect(await readNotification(store, sent.notification)).toMatchObject({ status: 'stopped', version: 2 });
      const { contacts } = await store.load({ contacts: [{ scope, id: sent.contact.id }] });
      expect(only(contacts).row).toMatchObject({ name: 'Jane', version: 2 });
      expect(await trial.claim()).toEqual([]);
    },
  },
  {
    name: 'join-conflict: a lost race leaves nothing of ours, and the host may go on',
    needs: ['transaction'],
    async run(trial) {
      const { store, scope } = trial;
      await putContact(store, scope, 'email', 'taken@example.com');
      const sent = sendOf(trial);
      const taken = newIdentifier({ scope, value: 'taken@example.com', contactId: sent.contact.id });
      const host = await trial.begin();
      await host.note('before');
      const error = await rejectsWith(
        'STORE_CONFLICT',
        writeIn(store, host, { ...sent.writes, identifiers: { insert: [taken] } }),
      );
      expect(error.retryable).toBe(true);
      await host.note('after');
      await host.commit();
      expect(await everything(trial, sent)).toEqual(nothing);
      expect(await host.notes()).toEqual(['before', 'after']);
    },
  },
  {
    name: 'join-stale-guards: epoch and version are guarded as ever',
    needs: ['transaction'],
    async run(trial) {
      const { store, scope, lane } = trial;
      const put = await putMessage(store, scope, { lane });
      const message = await readMessage(store, put);
      const run = await readNotification(store, { scope, id: put.notificationId });
      const contact = await putContact(store, scope, 'email', 'jane@example.com');
      const facts = only((await store.load({ contacts: [contact] })).contacts);
      const host = await trial.begin();
      const sent = sendOf(trial);
      const stale: readonly Writes[] = [
        { messages: { update: [messageUpdate(message, { epoch: 7 })] } },
        { notifications: { update: [notificationUpdate(run, { version: 7 })] } },
        { contacts: { update: [contactUpdate(facts, { version: 7, name: 'Eve' })] } },
      ];
      for (const writes of stale) {
        await rejectsWith('STORE_CONFLICT', writeIn(store, host, { ...writes, idempotency: [sent.idempotency] }));
      }
      await host.commit();
      expect(await readMessage(store, put)).toEqual(message);
      expect(await readKey(store, scope, 'order-1')).toEqual([]);
    },
  },
  {
    name: 'join-decides-again: who finds a key taken before anything was written reads it and decides on it',
    needs: ['transaction'],
    async run(trial) {
      const { store, scope } = trial;
      const taken = newIdempotency({ scope, key: 'order-1', result: '{"v":"first"}' });
      await write(store, { idempotency: [taken] });
      const host = await trial.begin();
      const sent = sendOf(trial);
      let decided = 0;
      const result = await commitIn(store, host, {
        kind: 'accept',
        reads: { idempotency: [taken] },
        decide(facts) {
          decided += 1;
          // as if the first read had come too early
          if (decided === 1) return { writes: sent.writes, result: 'ours' };
          return { writes: {}, result: only(facts.idempotency).result };
        },
      });
      await host.commit();
      expect({ decided, result }).toEqual({ decided: 2, result: '{"v":"first"}' });
      expect(await everything(trial, sent)).toEqual({ ...nothing, keys: 1 });
    },
  },
  {
    name: 'join-key-expiry: an expired key is replaced, a live one is not',
    needs: ['transaction', 'advance'],
    async run(trial) {
      const { store, scope } = trial;
      const first = newIdempotency({ scope, key: 'order-1', expiresIn: 10_000 });
      await write(store, { idempotency: [first] });
      await trial.advance(10_001);
      const host = await trial.begin();
      const next = { ...first, result: '{"v":2}' };
      await commitIn(store, host, {
        kind: 'accept',
        reads: { idempotency: [first] },
        decide: (facts) => ({ writes: facts.idempotency.length > 0 ? {} : { idempotency: [next] }, result: undefined }),
      });
      await rejectsWith('STORE_CONFLICT', writeIn(store, host, { idempotency: [{ ...first, result: '{"v":3}' }] }));
      await host.commit();
      expect(only(await readKey(store, scope, 'order-1')).result).toBe('{"v":2}');
    },
  },
  {
    name: 'join-refusal: what core or the database refuses leaves nothing, and the host may go on',
    needs: ['transaction'],
    async run(trial) {
      const { store } = trial;
      const sent = sendOf(trial);
      const host = await trial.begin();
      const broken = { ...sent.contact, name: 'nul\0' };
      await rejectsWith('STORE_REFUSED', writeIn(store, host, { ...sent.writes, contacts: { insert: [broken] } }));
      const thrown = new Error('refused by core');
      const deciding = commitIn(store, host, {
        kind: 'accept',
        reads: {},
        decide() {
          throw thrown;
        },
      });
      await expect(deciding).rejects.toBe(thrown);
      await host.note('after');
      await host.commit();
      expect(await everything(trial, sent)).toEqual(nothing);
      expect(await host.notes()).toEqual(['after']);
    },
  },
  {
    name: 'join-at-once: commits begun together in one transaction take turns',
    needs: ['transaction'],
    async run(trial) {
      const { store, scope } = trial;
      await write(store, { idempotency: [newIdempotency({ scope, key: 'key-3' })] });
      const host = await trial.begin();
      const sent = [0, 1, 2, 3, 4, 5].map((n) => sendOf(trial, `key-${n}`));
      const settled = await Promise.allSettled(sent.map(({ writes }) => writeIn(store, host, writes)));
      expect(settled.map(({ status }) => status === 'fulfilled')).toEqual([true, true, true, false, true, true]);
      await host.commit();
      const { notifications } = await store.load({ notifications: sent.map(({ notification }) => notification) });
      expect(notifications).toHaveLength(5);
    },
  },
  {
    name: 'join-scopes: a commit in the transaction sees and changes nothing of another tenant',
    needs: ['transaction'],
    async run(trial) {
      const { store, scope, otherScope } = trial;
      const theirs = await putMessage(store, otherScope, { lane: trial.lane });
      const row = await readMessage(store, theirs);
      await putContact(store, otherScope, 'email', 'jane@example.com');
      const host = await trial.begin();
      const seen = await commitIn(store, host, {
        kind: 'accept',
        reads: {
          identifiers: [{ scope, kind: 'email', value: 'jane@example.com' }],
          notifications: [{ scope, id: theirs.notificationId }],
          messages: [{ scope, id: theirs.id }],
        },
        decide: ({ contacts, notifications, messages }) => ({
          writes: {},
          result: [contacts, notifications, messages],
        }),
      });
      expect(seen).toEqual([[], [], []]);
      const update = [messageUpdate({ ...row, scope }, { status: 'cancelled' })];
      await rejectsWith('STORE_CONFLICT', writeIn(store, host, { messages: { update } }));
      await host.commit();
      expect(await readMessage(store, theirs)).toEqual(row);
    },
  },
  {
    name: 'join-all-writes: every kind of write leaves the rows that a commit of its own does',
    needs: ['transaction', 'advance'],
    async run(trial) {
      const { store, scope, otherScope, lane } = trial;
      const one = await everyWrite(scope, lane);
      const two = await everyWrite(otherScope, `${lane}-2`);
      const host = await trial.begin();
      for (const writes of one.writes) await writeIn(store, host, writes);
      await host.commit();
      for (const writes of two.writes) await write(store, writes);
      const plain = async (made: typeof one): Promise<unknown> => {
        const { now: _, ...facts } = await store.load(made.reads);
        return JSON.parse(made.names.reduce((text, [from, to]) => text.replaceAll(from, to), JSON.stringify(facts)));
      };
      expect(await plain(one)).toEqual(await plain(two));
    },
  },
  {
    name: 'join-values: texts and bytes come back as they were given',
    needs: ['transaction'],
    async run(trial) {
      const { store, scope } = trial;
      const texts = await naughtyStrings();
      const contacts = texts.map((data) =>
        newContact({ scope, data, name: Buffer.byteLength(data) > 255 ? null : data }),
      );
      const identifiers = contacts.map(({ id }) => newIdentifier({ scope, contactId: id }));
      const host = await trial.begin();
      await writeIn(store, host, { contacts: { insert: contacts }, identifiers: { insert: identifiers } });
      const seen = await commitIn(store, host, {
        kind: 'contacts',
        reads: { contacts },
        decide: (facts) => ({ writes: {}, result: facts.contacts }),
      });
      await host.commit();
      const after = await store.load({ contacts });
      for (const found of [seen, after.contacts]) {
        const byId = new Map(found.map((contact) => [contact.row.id, contact]));
        for (const [index, { id, data, name }] of contacts.entries()) {
          expect(byId.get(id)?.row).toMatchObject({ data, name });
          expect(byId.get(id)?.identifiers).toEqual([identifiers[index]]);
        }
      }
    },
  },
  {
    name: 'join-refuses: what is no open transaction is refused, and nothing is written',
    needs: ['transaction'],
    async run(trial) {
      const { store } = trial;
      const sent = sendOf(trial);
      for (const transaction of [null, {}, 'transaction', 1]) {
        const work: Work<void> = {
          kind: 'accept',
          reads: {},
          decide: () => ({ writes: sent.writes, result: undefined }),
        };
        const error = await rejectsWith('VALIDATION_ERROR', store.commit(work, { transaction } as never));
        expect(error.path).toBe('transaction');
      }
      expect(await everything(trial, sent)).toEqual(nothing);
    },
  },
];
