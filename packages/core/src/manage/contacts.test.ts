import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { refusal, trial } from '../../test/engine-trial.ts';
import { defineEvent } from '../index.ts';

const jane = { externalId: 'j', email: 'jane@example.com', phone: '+46701234567' };
const missing = { code: 'NOT_FOUND', message: 'There is no such contact.', path: 'who' };

describe('upsert', () => {
  test('creates, then updates by any identifier, and says when', async () => {
    const on = trial();
    const { contacts } = on.engine;
    const made = await contacts.upsert({
      email: jane.email,
      name: 'Jane Doe',
      plan_name: 'gold',
      pushToken: 'token-one',
    });
    const at = new Date(on.clock.now());
    expect(made).toEqual({
      id: made.id,
      email: jane.email,
      name: 'Jane Doe',
      firstName: 'Jane',
      lastName: 'Doe',
      meta: { planName: 'gold' },
      pushTokens: ['token-one'],
      createdAt: at,
      updatedAt: at,
    });
    await on.clock.advance(1000);
    const updated = await contacts.upsert({ email: 'JANE@example.com', phone: jane.phone });
    expect(updated).toEqual({ ...made, phone: jane.phone, updatedAt: new Date(on.clock.now()) });
    expect(await contacts.get(jane.phone)).toEqual(updated);
  });

  test('refuses a conflict, a nobody, and what is no object', async () => {
    const on = trial();
    const { contacts } = on.engine;
    await contacts.upsert({ email: jane.email });
    await contacts.upsert({ phone: jane.phone });
    expect(await refusal(() => contacts.upsert(jane))).toMatchObject({ code: 'CONFLICT', path: 'contact' });
    expect(await refusal(() => contacts.upsert({ name: 'Nobody' }))).toMatchObject({ code: 'MISSING_IDENTIFIER' });
    for (const wrong of ['jane@example.com', [], null]) {
      expect(await refusal(() => contacts.upsert(wrong as never))).toMatchObject({ code: 'VALIDATION_ERROR' });
    }
  });
});

describe('finding', () => {
  test.each([jane.email, jane.phone, jane.externalId, { email: jane.email }, { id: jane.externalId }])(
    'by %j',
    async (who) => {
      const on = trial();
      const made = await on.engine.contacts.upsert(jane);
      expect(await on.engine.contacts.get(who)).toEqual(made);
      expect(await on.engine.contacts.find(made.id)).toEqual(made);
    },
  );

  test('by several identifiers: any of them will do, of two people none; other fields change nothing', async () => {
    const on = trial();
    const made = await on.engine.contacts.upsert(jane);
    await on.engine.contacts.upsert({ email: 'joe@example.com' });
    expect(await on.engine.contacts.get({ email: jane.email, phone: '+46701234500', name: 'Joe' } as never)).toEqual(
      made,
    );
    expect(
      await refusal(() => on.engine.contacts.delete({ phone: jane.phone, email: 'joe@example.com' })),
    ).toMatchObject({
      code: 'CONFLICT',
      path: 'who',
    });
    expect((await on.engine.contacts.list()).items).toHaveLength(2);
  });

  test('nobody: `get` refuses, `find` gives undefined, and nothing is created', async () => {
    const on = trial();
    for (const who of [
      'nobody',
      'no@example.com',
      '+46701234500',
      'U0123ABCD',
      '#general',
      { email: 'no@example.com' },
    ]) {
      expect(await refusal(() => on.engine.contacts.get(who))).toEqual(missing);
      expect(await on.engine.contacts.find(who)).toBeUndefined();
    }
    expect((await on.engine.contacts.list()).items).toEqual([]);
  });
});

describe('update', () => {
  test('changes the fields given; null removes one; meta is merged', async () => {
    const on = trial();
    const made = await on.engine.contacts.upsert({ ...jane, name: 'Jane', meta: { a: 1, b: 2 } });
    const changed = await on.engine.contacts.update(jane.email, {
      phone: null,
      email: 'new@example.com',
      meta: { b: null, c: 3 },
    });
    const { phone: _, ...rest } = made;
    expect(changed).toEqual({ ...rest, email: 'new@example.com', meta: { a: 1, c: 3 } });
    expect(await on.engine.contacts.find(jane.email)).toBeUndefined();
    expect(await on.engine.contacts.find(jane.phone)).toBeUndefined();
  });

  test('refuses nobody, what belongs to another, and no changes at all', async () => {
    const on = trial();
    await on.engine.contacts.upsert({ externalId: 'j', email: jane.email });
    await on.engine.contacts.upsert({ phone: jane.phone });
    expect(await refusal(() => on.engine.contacts.update('nobody', { name: 'x' }))).toEqual(missing);
    expect(await refusal(() => on.engine.contacts.update('j', { phone: jane.phone }))).toMatchObject({
      code: 'CONFLICT',
    });
    expect(await refusal(() => on.engine.contacts.update('j', undefined as never))).toMatchObject({
      code: 'VALIDATION_ERROR',
    });
  });

  test('of one erased meanwhile makes nobody', async () => {
    const on = trial();
    const { id } = await on.engine.contacts.upsert(jane);
    const { load } = on.store;
    on.store.load = async (reads) => {
      const facts = await load(reads);
      on.store.load = load;
      await on.engine.contacts.delete(id);
      return facts;
    };
    expect(await refusal(() => on.engine.contacts.update(id, { name: 'Ghost' }))).toEqual(missing);
    expect((await on.engine.contacts.list()).items).toEqual([]);
  });

  test.each(['upsert', 'update', 'addPushToken', 'removePushToken'] as const)(
    '`transaction` of %s is not left unread',
    async (call) => {
      const { contacts } = trial().engine;
      const options = { transaction: {} } as never;
      const said = await refusal(() =>
        call === 'upsert' ? contacts.upsert(jane, options) : contacts[call]('j', 'token-one' as never, options),
      );
      expect(said).toEqual({
        code: 'VALIDATION_ERROR',
        path: 'transaction',
        message: `contacts.${call}: transaction is not supported by this store.`,
      });
    },
  );
});

test('push tokens are added, moved and removed', async () => {
  const on = trial();
  const { contacts } = on.engine;
  await contacts.upsert(jane);
  await contacts.upsert({ externalId: 'joe' });
  expect((await contacts.addPushToken('j', 'token-one')).pushTokens).toEqual(['token-one']);
  expect((await contacts.addPushToken('j', 'token-two')).pushTokens).toEqual(['token-one', 'token-two']);
  expect((await contacts.addPushToken('joe', 'token-one')).pushTokens).toEqual(['token-one']);
  expect((await contacts.get('j')).pushTokens).toEqual(['token-two']);
  expect((await contacts.removePushToken('j', 'token-one')).pushTokens).toEqual(['token-two']);
  expect((await contacts.get('joe')).pushTokens).toEqual(['token-one']);
  expect((await contacts.removePushToken('j', 'token-two')).pushTokens).toBeUndefined();
  expect(await refusal(() => contacts.addPushToken('nobody', 'token-one'))).toEqual(missing);
  expect(await refusal(() => contacts.removePushToken('nobody', 'token-one'))).toEqual(missing);
});

test('the list is by page, newest first, and searched by prefix', async () => {
  const on = trial();
  const { contacts } = on.engine;
  for (const [n, name] of ['Ann', 'Anna', 'Bea', 'Ändå'].entries()) {
    await contacts.upsert({ email: `${n}@example.com`, phone: `+4670123450${n}`, name });
    await on.clock.advance(1);
  }
  const first = await contacts.list({ limit: 3, total: true });
  expect(first).toMatchObject({ total: 4, items: [{ name: 'Ändå' }, { name: 'Bea' }, { name: 'Anna' }] });
  const second = await contacts.list({ limit: 3, cursor: first.cursor ?? '' });
  expect(second).toMatchObject({ items: [{ name: 'Ann' }], cursor: null });
  const names = async (search: string): Promise<unknown[]> =>
    (await contacts.list({ search })).items.map(({ name }) => name);
  expect(await names('ANN')).toEqual(['Anna', 'Ann']);
  expect(await names('2@example')).toEqual(['Bea']);
  expect(await names('+46701234503')).toEqual(['Ändå']);
  expect(await names(' ')).toHaveLength(4);
});

describe('delete', () => {
  test('leaves no plain text of the person anywhere', async () => {
    const event = defineEvent({
      payload: z.looseObject({}),
      templates: { email: { en: { subject: 'x', text: '{{secret}}' } } },
    });
    const canary = 'canary';
    const person = {
      externalId: `${canary}-id`,
      email: `${canary}@example.com`,
      name: `${canary} name`,
      pushToken: `${canary}-token`,
      language: 'sv',
      meta: { note: canary },
    };
    const secrets = ['the second secret, newer', 'the first secret of all'];
    const older = trial({ events: { event }, secrets: ['the first secret of all'] });
    await older.engine.suppressions.add({
      address: `${canary}@example.com`,
      channel: 'email',
      note: canary,
      reason: 'bounced',
    });
    await older.engine.suppressions.remove({ address: `${canary}@example.com` });
    const on = trial({
      store: older.store,
      clock: older.clock,
      events: { event },
      secrets,
      answer: ({ to }) => ({ outcome: 'badAddress', reason: `no such user: ${to}` }),
    });
    const send = { payload: { secret: canary }, overrides: { email: { subject: canary } }, from: 'hello@example.com' };
    await on.done('event', { to: person, ...send, idempotencyKey: 'k' });
    await on.engine.untyped.broadcast('event', [person.email], { id: 'news', payload: { secret: canary } } as never);
    await on.engine.idle();
    const held = trial({ store: on.store, clock: on.clock, events: { event }, secrets, role: 'producer' });
    await on.engine.suppressions.remove({ address: person.email });
    await held.one('event', { to: person.externalId, ...send });
    await older.engine.suppressions.add({ address: person.email, note: `asked by ${canary}` });
    await on.engine.suppressions.add({ address: person.email, channel: 'email', note: `asked by ${canary}` });

    const seen = new Set<string>();
    const everything = async (): Promise<string> => {
      const query = { scope: 1, limit: 500 };
      const [contacts, notifications, messages, suppressions] = await Promise.all([
        on.store.listContacts(query),
        on.store.listNotifications(query),
        on.store.listMessages(query),
        on.store.listSuppressions(query),
      ]);
      for (const { id } of messages.items) seen.add(id);
      const facts = await on.store.load({
        contents: [...seen].map((id) => ({ scope: 1, id })),
        idempotency: [{ scope: 1, event: 'event', key: 'k' }],
        broadcasts: [{ scope: 1, id: 'news' }],
      });
      return JSON.stringify([contacts, notifications, messages, suppressions, facts]);
    };
    expect(await everything()).toContain(canary);
    await on.engine.contacts.delete(person.email);
    expect(await everything()).not.toContain(canary);
    expect(await on.engine.contacts.find(person.externalId)).toBeUndefined();

    // Its hash stays, so that it stays suppressed.
    const again = await on.one('event', { to: person.email });
    expect(again.deliveries).toMatchObject([{ status: 'suppressed' }]);
  });

  test('leaves no address in plain text that was theirs once', async () => {
    const on = trial();
    await on.engine.contacts.upsert({ externalId: 'j', email: 'old@example.com' });
    await on.done('mail', { to: 'j' });
    await on.engine.contacts.update('j', { email: 'new@example.com' });
    await on.engine.suppressions.add({ address: 'old@example.com', note: 'asked by old' });
    await on.engine.suppressions.add({ address: 'joe@example.com' });
    await on.engine.contacts.delete('j');
    const { items } = await on.engine.suppressions.list();
    expect(items.map(({ address, note }) => [address, note])).toEqual(
      expect.arrayContaining([
        [null, null],
        ['joe@example.com', null],
      ]),
    );
    expect(await on.engine.suppressions.check({ address: 'old@example.com' })).toHaveLength(1);
  });

  test('stops what waits, says how much, and reports it', async () => {
    const on = trial({ answer: { outcome: 'retry', reason: 'busy' } });
    const first = await on.done('mail', { to: jane });
    await on.done('mail', { to: jane });
    on.reported.length = 0;
    expect(await on.engine.contacts.delete('j')).toEqual({ cancelled: 2, alreadyHandedOver: 0 });
    expect(await on.engine.notifications.get(first.id)).toMatchObject({
      status: 'stopped',
      contact: null,
      contactId: null,
      messages: [{ status: 'cancelled', address: null }],
    });
    expect(on.reported.map(({ name }) => name).sort()).toEqual([
      'message.cancelled',
      'message.cancelled',
      'notification.stopped',
      'notification.stopped',
    ]);
    await on.clock.advance(60_000);
    expect(on.email.messages).toHaveLength(2);
  });

  test('leaves others alone, and refuses nobody', async () => {
    const on = trial();
    await on.engine.contacts.upsert({ email: 'joe@example.com' });
    await on.done('mail', { to: 'joe@example.com' });
    await on.engine.contacts.upsert(jane);
    await on.engine.contacts.delete('j');
    expect(await refusal(() => on.engine.contacts.delete('j'))).toEqual(missing);
    expect((await on.engine.messages.list({ contact: 'joe@example.com' })).items).toMatchObject([
      { address: 'joe@example.com', status: 'sent' },
    ]);
  });

  test('works in chunks, however much there is', async () => {
    const on = trial({ role: 'producer' });
    await on.many('mail', { to: Array.from({ length: 900 }, () => jane) });
    expect(await on.engine.contacts.delete('j')).toEqual({ cancelled: 900, alreadyHandedOver: 0 });
    expect((await on.engine.messages.list({ status: 'queued' })).items).toEqual([]);
  });
});
