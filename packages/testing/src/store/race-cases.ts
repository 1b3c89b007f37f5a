import { expect } from 'vitest';
import type { ContractCase } from '../contract-case.ts';
import { effort } from '../effort.ts';
import {
  contactUpdate,
  messageUpdate,
  newContact,
  newIdempotency,
  newIdentifier,
  notificationUpdate,
  only,
  putContact,
  putMessage,
  putMessages,
  readMessage,
  readNotification,
} from './rows.ts';
import type { StoreTrial } from './store-trial.ts';

/** Commits at the same time: the loser decides again on what the winner wrote. */
export const raceCases: readonly ContractCase<StoreTrial>[] = [
  {
    name: 'S16 idem-race: one inserts, the others see its row',
    async run({ store, scope }) {
      const racers = effort({ quick: 1_000, ci: 1_000, verify: 10_000 });
      const results = await Promise.all(
        Array.from({ length: racers }, (_, racer) =>
          store.commit<{ first: boolean; result: string }>({
            kind: 'accept',
            reads: { idempotency: [{ scope, event: 'welcome', key: 'signup-42' }] },
            decide({ idempotency: [row] }) {
              if (row) return { writes: {}, result: { first: false, result: row.result } };
              const mine = newIdempotency({ scope, key: 'signup-42', result: `{"by":${racer}}` });
              return { writes: { idempotency: [mine] }, result: { first: true, result: mine.result } };
            },
          }),
        ),
      );
      expect(results.filter(({ first }) => first)).toHaveLength(1);
      expect(new Set(results.map(({ result }) => result)).size).toBe(1);
    },
  },
  {
    name: "new-contact-race: the loser uses the winner's",
    async run({ store, scope }) {
      const key = { scope, kind: 'email', value: 'new@example.com' };
      const ids = await Promise.all(
        Array.from({ length: 40 }, () =>
          store.commit<string>({
            kind: 'accept',
            reads: { identifiers: [key] },
            decide({ contacts: [known] }) {
              if (known) return { writes: {}, result: known.row.id };
              const contact = newContact({ scope });
              const identifier = newIdentifier({ ...key, contactId: contact.id });
              return {
                writes: { contacts: { insert: [contact] }, identifiers: { insert: [identifier] } },
                result: contact.id,
              };
            },
          }),
        ),
      );
      expect(new Set(ids).size).toBe(1);
      expect((await store.listContacts({ scope, limit: 10 })).items).toHaveLength(1);
    },
  },
  {
    name: 'concurrent-merges-lose-nothing',
    async run({ store, scope }) {
      const contact = await putContact(store, scope, 'email', 'a@example.com');
      const merges = effort({ quick: 40, ci: 100, verify: 500 });
      await Promise.all(
        Array.from({ length: merges }, (_, index) =>
          store.commit({
            kind: 'contacts',
            attempts: 10 * merges,
            reads: { contacts: [contact] },
            decide({ contacts }) {
              const known = only(contacts);
              const data = JSON.stringify({ ...JSON.parse(known.row.data), [`key${index}`]: index });
              return { writes: { contacts: { update: [contactUpdate(known, { data })] } }, result: undefined };
            },
          }),
        ),
      );
      const { row } = only((await store.load({ contacts: [contact] })).contacts);
      expect(Object.keys(JSON.parse(row.data))).toHaveLength(merges);
      expect(row.version).toBe(merges + 1);
    },
  },
  {
    name: 'locked-rows-cannot-lose',
    async run({ store, scope }) {
      const message = await putMessage(store, scope);
      const run = { scope, id: message.notificationId };
      const changes = effort({ quick: 30, ci: 60, verify: 300 });
      await Promise.all(
        Array.from({ length: changes }, () =>
          store.commit({
            kind: 'settle',
            attempts: 1,
            reads: { notifications: [run], lock: true },
            decide: ({ notifications, messages }) => ({
              writes: {
                notifications: { update: notifications.map((row) => notificationUpdate(row)) },
                messages: { update: messages.map((row) => messageUpdate(row, { attempts: row.attempts + 1 })) },
              },
              result: undefined,
            }),
          }),
        ),
      );
      expect((await readMessage(store, message)).attempts).toBe(changes);
      expect((await readNotification(store, run)).version).toBe(changes + 1);
    },
  },
  {
    name: 'opposite-orders-do-not-deadlock',
    async run({ store, scope }) {
      const contacts = await Promise.all(
        Array.from({ length: 8 }, (_, index) => putContact(store, scope, 'externalId', `contact ${index}`)),
      );
      const messages = await putMessages(
        store,
        scope,
        Array.from({ length: 8 }, () => ({})),
      );
      const rounds = effort({ quick: 15, ci: 50, verify: 500 });
      const touch = (reverse: boolean, lock: boolean): Promise<void> => {
        const order = <Row>(rows: readonly Row[]): readonly Row[] => (reverse ? rows.toReversed() : rows);
        const sorted = <Row extends { id: string }>(rows: readonly Row[]): readonly Row[] =>
          order([...rows].sort((one, other) => (one.id < other.id ? -1 : 1)));
        return store.commit({
          kind: 'settle',
          attempts: 1_000,
          reads: {
            contacts: order(contacts),
            notifications: order(messages.map((row) => ({ scope, id: row.notificationId }))),
            lock,
          },
          decide: (facts) => ({
            writes: {
              notifications: { update: sorted(facts.notifications).map((row) => notificationUpdate(row)) },
              messages: { update: sorted(facts.messages).map((row) => messageUpdate(row)) },
              contacts: { update: order(facts.contacts).map((row) => contactUpdate(row)) },
            },
            result: undefined,
          }),
        });
      };
      for (let round = 0; round < rounds; round += 1) {
        await Promise.all([touch(false, false), touch(true, false), touch(false, true), touch(true, true)]);
      }
      const facts = await store.load({ contacts, messages });
      const versions = [...facts.contacts.map(({ row }) => row.version), ...facts.messages.map((row) => row.epoch)];
      expect(new Set(versions)).toEqual(new Set([4 * rounds + 1]));
    },
  },
  {
    name: 'a-cancel-and-a-settle: one decides on the other',
    async run({ store, scope }) {
      const rounds = effort({ quick: 20, ci: 60, verify: 400 });
      for (let round = 0; round < rounds; round += 1) {
        const message = await putMessage(store, scope);
        const move = (status: 'cancelled' | 'sent'): Promise<boolean> =>
          store.commit<boolean>({
            kind: status === 'sent' ? 'settle' : 'cancel',
            reads: { messages: [message] },
            decide({ messages }) {
              const row = only(messages);
              if (row.status !== 'queued') return { writes: {}, result: false };
              return { writes: { messages: { update: [messageUpdate(row, { status })] } }, result: true };
            },
          });
        const done = await Promise.all([move('cancelled'), move('sent')]);
        expect(done.filter(Boolean)).toHaveLength(1);
        expect((await readMessage(store, message)).status).toBe(done[0] ? 'cancelled' : 'sent');
      }
    },
  },
];
