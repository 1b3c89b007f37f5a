import { expect } from 'vitest';
import { type ContractCase, rejectsWith } from '../contract-case.ts';
import { addressHash, contactUpdate, newContact, newIdentifier, only, putContact, write } from './rows.ts';
import type { StoreTrial } from './store-trial.ts';

/** The owner of an identifier, by id; undefined when there is none. */
async function owner({ store, scope }: StoreTrial, kind: string, value: string): Promise<string | undefined> {
  return (await store.load({ identifiers: [{ scope, kind, value }] })).contacts[0]?.row.id;
}

/** Contacts and their identifiers. */
export const contactCases: readonly ContractCase<StoreTrial>[] = [
  {
    name: 'contact-with-all-its-identifiers',
    async run(trial) {
      const { store, scope } = trial;
      const contact = await putContact(store, scope, 'email', 'a@example.com', { data: '{"name":"Ann"}', name: 'ann' });
      await write(store, {
        identifiers: {
          insert: [newIdentifier({ scope, kind: 'phone', value: '+46700000000', contactId: contact.id })],
        },
      });
      const { contacts } = await store.load({ identifiers: [{ scope, kind: 'phone', value: '+46700000000' }] });
      const { row, identifiers } = only(contacts);
      expect(row).toMatchObject({ scope, id: contact.id, version: 1, data: '{"name":"Ann"}', name: 'ann' });
      expect(row.updatedAt).toBe(row.createdAt);
      expect(identifiers.map(({ value }) => value).sort()).toEqual(['+46700000000', 'a@example.com']);
      const phone = identifiers.find(({ kind }) => kind === 'phone');
      expect(phone).toEqual({
        scope,
        kind: 'phone',
        value: '+46700000000',
        contactId: contact.id,
        hash: addressHash('phone', '+46700000000'),
      });
    },
  },
  {
    name: 'S26 contact-guarded-by-version',
    async run({ store, scope }) {
      const contact = await putContact(store, scope, 'email', 'a@example.com');
      const before = only((await store.load({ contacts: [contact] })).contacts);
      await write(store, { contacts: { update: [contactUpdate(before, { data: '{"n":1}', name: 'ann' })] } });
      await rejectsWith(
        'STORE_CONFLICT',
        write(store, { contacts: { update: [contactUpdate(before, { data: '{"n":2}' })] } }, 2),
      );
      const { row } = only((await store.load({ contacts: [contact] })).contacts);
      expect(row).toMatchObject({ version: 2, data: '{"n":1}', name: 'ann', createdAt: before.row.createdAt });
    },
  },
  {
    name: 'four-external-ids: abc, ABC, "abc ", ábc are four people',
    async run(trial) {
      const { store, scope } = trial;
      const ids = ['abc', 'ABC', 'abc ', 'ábc', 'a\u0301bc'];
      const put = await Promise.all(ids.map((value) => putContact(store, scope, 'externalId', value)));
      const owners = await Promise.all(ids.map((value) => owner(trial, 'externalId', value)));
      expect(owners).toEqual(put.map(({ id }) => id));
      expect(new Set(owners).size).toBe(ids.length);
      expect(await owner(trial, 'externalId', ' abc')).toBeUndefined();
      expect(await owner(trial, 'slack', 'abc')).toBeUndefined();
    },
  },
  {
    name: 'identifier-unique: a taken one is a conflict',
    async run(trial) {
      const { store, scope } = trial;
      const first = await putContact(store, scope, 'email', 'a@example.com');
      const second = await putContact(store, scope, 'email', 'b@example.com');
      const taken = newIdentifier({ scope, value: 'a@example.com', contactId: second.id });
      await rejectsWith('STORE_CONFLICT', write(store, { identifiers: { insert: [taken] } }, 2));
      expect(await owner(trial, 'email', 'a@example.com')).toBe(first.id);
    },
  },
  {
    name: 'identifier-removed-only-from-its-owner',
    async run(trial) {
      const { store, scope } = trial;
      const key = { scope, kind: 'email', value: 'a@example.com' };
      const first = await putContact(store, scope, key.kind, key.value);
      const second = await putContact(store, scope, 'email', 'b@example.com');
      await write(store, { identifiers: { remove: [{ ...key, contactId: second.id }] } });
      expect(await owner(trial, 'email', 'a@example.com')).toBe(first.id);
      const moved = newIdentifier({ ...key, contactId: second.id });
      await write(store, { identifiers: { remove: [{ ...key, contactId: first.id }], insert: [moved] } });
      expect(await owner(trial, 'email', 'a@example.com')).toBe(second.id);
      expect(only((await store.load({ contacts: [first] })).contacts).identifiers).toEqual([]);
    },
  },
  {
    name: 'push-token-moves-to-its-latest-owner',
    async run(trial) {
      const { store, scope } = trial;
      const token = 't'.repeat(512);
      const first = await putContact(store, scope, 'pushToken', token);
      const second = await putContact(store, scope, 'email', 'b@example.com');
      const move = newIdentifier({ scope, kind: 'pushToken', value: token, contactId: second.id });
      await write(store, { identifiers: { move: [move] } });
      expect(await owner(trial, 'pushToken', token)).toBe(second.id);
      expect(only((await store.load({ contacts: [first] })).contacts).identifiers).toEqual([]);
      await write(store, { identifiers: { move: [move, newIdentifier({ ...move, value: 'new token' })] } });
      expect(only((await store.load({ contacts: [second] })).contacts).identifiers).toHaveLength(3);
      await rejectsWith('STORE_REFUSED', write(store, { identifiers: { move: [{ ...move, value: `${token}t` }] } }));
    },
  },
  {
    name: 'identifier-limits: 255 bytes, no NUL',
    async run(trial) {
      const { store, scope } = trial;
      const long = 'é'.repeat(127);
      await putContact(store, scope, 'externalId', `${long}x`);
      expect(await owner(trial, 'externalId', `${long}x`)).toBeDefined();
      expect(await owner(trial, 'externalId', long)).toBeUndefined();
      for (const value of [`${long}xy`, 'nul\0nul']) {
        const error = await rejectsWith('STORE_REFUSED', putContact(store, scope, 'externalId', value));
        expect(error.retryable).toBe(false);
        expect(error.message).not.toContain(value);
      }
    },
  },
  {
    name: 'contact-name: 255 bytes or null',
    async run({ store, scope }) {
      const name = 'é'.repeat(127);
      const contact = await putContact(store, scope, 'email', 'a@example.com', { name });
      expect(only((await store.load({ contacts: [contact] })).contacts).row.name).toBe(name);
      await rejectsWith(
        'STORE_REFUSED',
        write(store, { contacts: { insert: [newContact({ scope, name: `${name}xy` })] } }),
      );
    },
  },
];
