import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { propertyRuns } from '../../test/property-runs.ts';
import { type ContactFacts, TidingsError } from '../spec/index.ts';
import { contactFrom } from './contact-data.ts';
import { readRecipient } from './read-recipient.ts';
import type { CustomAddress, RecipientRules, ResolvedContact, ResolvedRecipient } from './recipient.ts';
import { resolveRecipient } from './resolve-recipient.ts';

const customAddresses = new Map<string, CustomAddress>([
  ['matrixId', { many: false, normalize: (address) => address.toLowerCase() }],
  ['pager', { many: true, normalize: (address) => address }],
]);
const rules: RecipientRules = { customAddresses };
const nobody = '0190a0b0-0000-7000-8000-0000000000ff';

function hash(kind: string, value: string): Uint8Array {
  return createHash('sha256').update(`${kind}\0${value}`).digest();
}

/** Contacts as the items of one batch see them: what one resolves, the next finds. */
class People {
  readonly all = new Map<string, ContactFacts>();
  #made = 0;

  byId = (id: string): ContactFacts | undefined => this.all.get(id);

  byIdentifier = (kind: string, value: string): ContactFacts | undefined =>
    [...this.all.values()].find((one) => one.identifiers.some((row) => row.kind === kind && row.value === value));

  resolve(to: unknown, create = true): ResolvedRecipient | undefined {
    const newId = `0190a0b0-0000-7000-8000-${String(this.#made).padStart(12, '0')}`;
    const request = readRecipient(to, rules, 'to');
    return resolveRecipient(request, this, { scope: 7, newId, now: 1_000, hash, create });
  }

  send(to: unknown): ResolvedContact {
    const resolved = this.resolve(to);
    if (resolved?.kind !== 'contact') throw new Error('is no contact');
    this.#made += 1;
    const moved = new Set(resolved.writes.identifiers.move.map((row) => `${row.kind}/${row.value}`));
    for (const [id, one] of this.all) {
      const identifiers = one.identifiers.filter((row) => !moved.has(`${row.kind}/${row.value}`));
      this.all.set(id, { row: one.row, identifiers });
    }
    this.all.set(resolved.facts.row.id, resolved.facts);
    return resolved;
  }

  refusal(to: unknown, create = true): TidingsError {
    const before = new Map(this.all);
    try {
      this.resolve(to, create);
    } catch (error) {
      expect(TidingsError.is(error)).toBe(true);
      expect(this.all).toEqual(before);
      return error as TidingsError;
    }
    throw new Error('was taken');
  }
}

const none = { contacts: { insert: [], update: [] }, identifiers: { remove: [], insert: [], move: [] } };

describe('a new contact', () => {
  it('is made with everything given', () => {
    const people = new People();
    const resolved = people.send({
      id: 'x1',
      email: 'Jane@Example.com',
      name: 'Jane van Doe',
      language: 'sv',
      pushTokens: ['t1', 't2'],
      matrixId: '@J:X',
      pager: '5',
      tier: 'gold',
    });
    expect(resolved.created).toBe(true);
    expect(resolved.contact).toEqual({
      id: '0190a0b0-0000-7000-8000-000000000000',
      externalId: 'x1',
      email: 'Jane@Example.com',
      name: 'Jane van Doe',
      firstName: 'Jane',
      lastName: 'van Doe',
      language: 'sv',
      pushTokens: ['t1', 't2'],
      addresses: { matrixId: '@J:X' },
      meta: { tier: 'gold' },
    });
    const { id } = resolved.contact;
    const row = (kind: string, value: string): unknown => ({
      scope: 7,
      kind,
      value,
      contactId: id,
      hash: hash(kind, value),
    });
    expect(resolved.writes).toEqual({
      contacts: {
        insert: [{ scope: 7, id, name: 'jane van doe', data: resolved.facts.row.data }],
        update: [],
      },
      identifiers: {
        remove: [],
        insert: [row('email', 'jane@example.com'), row('matrixId', '@j:x'), row('externalId', 'x1')],
        move: [row('pushToken', 't1'), row('pushToken', 't2'), row('pager', '5')],
      },
    });
    expect(resolved.facts.row).toMatchObject({ version: 1, createdAt: 1_000, updatedAt: 1_000 });
  });

  it('is made of a bare e-mail address, phone number or Slack user', () => {
    const people = new People();
    expect(people.send('jane@example.com').contact).toMatchObject({ email: 'jane@example.com' });
    expect(people.send('+46701234567').contact).toMatchObject({ phone: '+46701234567' });
    expect(people.send('U1234ABCD').contact).toMatchObject({ slack: 'U1234ABCD' });
  });

  it('is never made without `create`', () => {
    const people = new People();
    for (const to of ['jane@example.com', '+46701234567', 'U1234ABCD', 'x', nobody, { id: 'x' }, { pushToken: 't' }]) {
      expect(people.resolve(to, false)).toBeUndefined();
    }
  });
});

describe('a known contact', () => {
  it('is found by any identifier, and nothing is written when nothing changes', () => {
    const people = new People();
    const first = people.send({
      externalId: 'x',
      email: 'Jane@Example.com',
      phone: '+46701234567',
      slack: 'U1234ABCD',
      telegram: '1',
      discord: '123456789012345678',
      matrixId: '@J:X',
      pushToken: 't',
      tier: { level: 1 },
    });
    const { id } = first.contact;
    const ways = [
      'x',
      id,
      id.toUpperCase(),
      'JANE@example.com',
      '+46701234567',
      'U1234ABCD',
      { id: 'x' },
      { id },
      { id: 'x', externalId: 'x' },
      { email: 'jane@EXAMPLE.com' },
      { phone: '+46701234567', slack: 'U1234ABCD' },
      { telegram: 1 },
      { discord: '123456789012345678' },
      { matrixId: '@j:x' },
      { pushToken: 't' },
      { email: 'jane@example.com', tier: { level: 1 } },
    ];
    for (const to of ways) {
      const resolved = people.resolve(to);
      expect(resolved).toMatchObject({ created: false, contact: first.contact, writes: none });
      expect(people.resolve(to, false)).toEqual(resolved);
    }
  });

  it('takes on what is new, guarded by the version read', () => {
    const people = new People();
    const { id } = people.send({ email: 'j@example.com', name: 'Jane', tier: 'gold', seats: 2 }).contact;
    const resolved = people.send({ email: 'j@example.com', phone: '+46701234567', tier: null, plan: 'x' });
    expect(resolved.contact.meta).toEqual({ seats: 2, plan: 'x' });
    expect(resolved.writes.contacts.update).toEqual([
      { scope: 7, id, version: 1, name: 'jane', data: resolved.facts.row.data },
    ]);
    expect(resolved.writes.identifiers.insert.map((row) => row.kind)).toEqual(['phone']);
    expect(people.send({ email: 'j@example.com', meta: null }).contact.meta).toEqual({});
  });

  it('changes its address: the old identifier goes, the new one comes', () => {
    const people = new People();
    const { id } = people.send({ externalId: 'x', email: 'old@example.com', matrixId: '@a:b' }).contact;
    const { writes } = people.send({ externalId: 'x', email: 'new@example.com', matrixId: '@c:d' });
    expect(writes.identifiers.remove).toEqual([
      { scope: 7, kind: 'email', value: 'old@example.com', contactId: id },
      { scope: 7, kind: 'matrixId', value: '@a:b', contactId: id },
    ]);
    expect(writes.identifiers.insert.map((row) => row.value)).toEqual(['new@example.com', '@c:d']);
    expect(people.byIdentifier('email', 'old@example.com')).toBeUndefined();

    const removed = people.send({ externalId: 'x', email: null, matrixId: null, pager: null });
    expect(removed.contact).toEqual({ id, externalId: 'x', meta: {} });
    expect(removed.facts.identifiers.map((row) => row.kind)).toEqual(['externalId']);
  });

  it('is left as it is without `create`', () => {
    const people = new People();
    const first = people.send({ email: 'j@example.com' });
    expect(people.resolve({ email: 'j@example.com', tier: 'gold' }, false)).toMatchObject({
      contact: first.contact,
      writes: none,
    });
  });
});

describe('ids', () => {
  it('a bare id is an external id first, then a contact id', () => {
    const people = new People();
    const { id } = people.send('jane@example.com').contact;
    expect(people.send(id).contact.id).toBe(id);
    const other = people.send({ externalId: id }).contact.id;
    expect(other).not.toBe(id);
    expect(people.send(id).contact.id).toBe(other);
    expect(people.send({ id }).contact.id).toBe(id);
  });

  it('a bare Slack id is an external id first; a channel is a post without a contact', () => {
    const people = new People();
    expect(people.resolve('C1234ABCD')).toEqual({
      kind: 'address',
      channel: 'slack',
      address: 'C1234ABCD',
      hash: hash('slack', 'C1234ABCD'),
    });
    expect(people.resolve('#general', false)).toMatchObject({ kind: 'address', address: '#general' });
    const user = people.send({ externalId: 'U1234ABCD' }).contact.id;
    expect(people.send('U1234ABCD').contact.id).toBe(user);
    const channel = people.send({ externalId: 'C1234ABCD' }).contact.id;
    expect(people.send('C1234ABCD').contact.id).toBe(channel);
  });

  it('an unknown bare id creates nothing', () => {
    const people = new People();
    for (const to of ['x', nobody, 'D1234ABCD']) {
      expect(people.refusal(to).message).toBe(
        '`to` is the id of no contact: create the contact first, or give an e-mail address, a phone number or an object.',
      );
    }
  });

  it('an unknown `id` is an external id, unless another is given', () => {
    const people = new People();
    expect(people.send({ id: nobody }).contact).toMatchObject({ externalId: nobody });
    expect(people.refusal({ id: 'a', externalId: 'b' }).message).toBe(
      '`to.id` is the id of no contact, so it counts as external id, and `to.externalId` says otherwise; give one of them.',
    );
    const { id } = people.send({ email: 'j@example.com' }).contact;
    expect(people.send({ id, externalId: 'own' }).contact).toMatchObject({ id, externalId: 'own' });
  });

  it('an object that identifies nobody is refused, known or not', () => {
    const people = new People();
    for (const to of [{}, { name: 'Jane', tier: 1 }, { email: null }, { pushTokens: [] }, { id: null }]) {
      for (const create of [true, false]) {
        expect(people.refusal(to, create).code).toBe('MISSING_IDENTIFIER');
        expect(people.refusal(to, create).message).toBe(
          '`to` names nobody: give at least one identifier, such as email, phone or externalId.',
        );
      }
    }
  });

  it('identifiers of two contacts are a conflict that changes nothing', () => {
    const people = new People();
    people.send({ email: 'a@example.com', pushToken: 't1' });
    const { id } = people.send({ email: 'b@example.com', phone: '+46701234567', pushToken: 't2' }).contact;
    const error = people.refusal({ email: 'a@example.com', phone: '+46701234567', name: 'x' });
    expect(error.code).toBe('CONFLICT');
    expect(error.details).toEqual({ fields: ['email', 'phone'] });
    expect(error.message).toBe(
      '`to` names 2 different contacts by its email, phone; nothing was changed. Give what belongs to one of them.',
    );
    expect(people.refusal({ id, email: 'a@example.com' }).details).toEqual({ fields: ['id', 'email'] });
    expect(people.refusal({ pushTokens: ['t1', 't2'] }).code).toBe('CONFLICT');
  });
});

describe('several addresses', () => {
  it('move to their latest owner and add up', () => {
    const people = new People();
    const a = people.send({ email: 'a@example.com', pushTokens: ['t1', 't2'] }).contact.id;
    const { writes, contact } = people.send({ email: 'b@example.com', pushToken: 't1' });
    expect(writes.identifiers.move.map((row) => [row.value, row.contactId])).toEqual([['t1', contact.id]]);
    expect(contactFrom(people.all.get(a) as ContactFacts).pushTokens).toEqual(['t2']);
    expect(people.send({ email: 'b@example.com', pushToken: 't3' }).contact.pushTokens).toEqual(['t1', 't3']);
    expect(people.send({ pushToken: 't3' }).contact.id).toBe(contact.id);
  });

  it('alone make a contact once', () => {
    const people = new People();
    const first = people.send({ pushToken: 't' });
    expect(people.send({ pushToken: 't', tier: 'gold' }).contact).toMatchObject({
      id: first.contact.id,
      meta: { tier: 'gold' },
    });
  });

  it('go all at once with null', () => {
    const people = new People();
    people.send({ email: 'a@example.com', pushTokens: ['t1', 't2'], pager: ['1'] });
    const { contact, writes } = people.send({ email: 'a@example.com', pushTokens: null });
    expect(contact.pushTokens).toBeUndefined();
    expect(writes.identifiers.remove.map((row) => row.value)).toEqual(['t1', 't2']);
    expect(writes.contacts.update).toEqual([]);
  });
});

it('refuses a contact that outgrows 65,536 bytes', () => {
  const people = new People();
  people.send({ externalId: 'x', a: 'y'.repeat(65_536 - '{"externalId":"x","meta":{"a":""}}'.length) });
  expect(people.refusal({ externalId: 'x', b: 1 }).message).toBe(
    '`to` makes the contact larger than 65536 bytes; keep less in its `meta`.',
  );
});

it('keeps names like those of Object.prototype as plain data', () => {
  const people = new People();
  const { contact } = people.send({ externalId: 'x', toString: 'a', meta: { constructor: { prototype: 1 } } });
  expect(Object.getOwnPropertyNames(contact.meta).sort()).toEqual(['constructor', 'toString']);
  expect(({} as Record<string, unknown>).prototype).toBeUndefined();
});

it('ends alike whatever the order of changes to different fields', () => {
  const changes = [
    { email: 'j@example.com' },
    { phone: '+46701234567' },
    { firstName: 'Jane' },
    { lastName: 'Doe' },
    { pushToken: 't1' },
    { pushTokens: ['t2'] },
    { language: 'sv' },
    { tier: 'gold' },
    { meta: { seats: 2 } },
    { matrixId: '@A:b' },
  ];
  const end = (order: readonly object[]): unknown => {
    const people = new People();
    for (const change of order) people.send({ externalId: 'x', ...change });
    const { contact, facts } = people.send('x');
    return { ...contact, pushTokens: contact.pushTokens?.toSorted(), search: facts.row.name };
  };
  const expected = end(changes);
  fc.assert(
    fc.property(fc.shuffledSubarray(changes, { minLength: changes.length }), (order) => {
      expect(end(order)).toEqual(expected);
    }),
  );
});

it('says in its writes exactly what its facts say', () => {
  const change = fc.record(
    {
      id: fc.constantFrom('x', 'y', nobody),
      email: fc.constantFrom('a@example.com', 'A@example.com', 'b@example.com', null),
      phone: fc.constantFrom('+46701234567', '+46701234568', null),
      pushTokens: fc.oneof(fc.constant(null), fc.subarray(['t1', 't2', 't3'])),
      matrixId: fc.constantFrom('@a:b', '@c:d', null),
      name: fc.constantFrom('Jane Doe', null),
      tier: fc.constantFrom('gold', null),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.array(change, { maxLength: 12 }), (sends) => {
      const people = new People();
      const stored = new Map<string, string>();
      for (const to of sends) {
        let resolved: ResolvedContact;
        try {
          resolved = people.send(to);
        } catch (error) {
          expect(TidingsError.is(error)).toBe(true);
          continue;
        }
        const { remove, insert, move } = resolved.writes.identifiers;
        for (const { kind, value, contactId } of remove) {
          expect(stored.get(`${kind}/${value}`)).toBe(contactId);
          stored.delete(`${kind}/${value}`);
        }
        for (const { kind, value, contactId } of insert) {
          expect(stored.has(`${kind}/${value}`)).toBe(false);
          stored.set(`${kind}/${value}`, contactId);
        }
        for (const { kind, value, contactId } of move) stored.set(`${kind}/${value}`, contactId);
      }
      const facts = [...people.all.values()].flatMap((one) =>
        one.identifiers.map((row): [string, string] => [`${row.kind}/${row.value}`, row.contactId]),
      );
      expect(new Map(facts)).toEqual(stored);
      expect(facts).toHaveLength(stored.size);
      for (const one of people.all.values()) {
        const singles = one.identifiers.map((row) => row.kind).filter((kind) => kind !== 'pushToken');
        expect(new Set(singles).size).toBe(singles.length);
      }
    }),
    propertyRuns(100),
  );
});
