import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { messageOf, refusal, trial } from '../../test/engine-trial.ts';
import { captureAdapter, defineChannel, withChannels } from '../index.ts';

const jane = 'jane@example.com';

describe('a string', () => {
  test('with @ is an e-mail address, kept as given and found again in any spelling', async () => {
    const on = trial();
    const first = await on.done('mail', { to: 'Jane@Example.COM' });
    const again = await on.done('mail', { to: jane });
    expect(on.email.messages.map(({ to }) => to)).toEqual(['Jane@Example.COM', 'Jane@Example.COM']);
    const { items } = await on.engine.contacts.list();
    expect(items).toHaveLength(1);
    const contacts = await Promise.all([first, again].map(async ({ id }) => on.engine.notifications.get(id)));
    expect(contacts.map(({ contactId }) => contactId)).toEqual([items[0]?.id, items[0]?.id]);
  });

  test('with a leading + is a phone number', async () => {
    const on = trial();
    await on.done('text', { to: '+1234567890', payload: { word: 'x' } });
    expect(on.sms.last()).toMatchObject({ to: '+1234567890', content: { text: 'Text x' } });
  });

  test('with a leading # is a Slack channel, which makes no contact', async () => {
    const on = trial();
    const sent = await on.done('post', { to: '#general' });
    expect(on.slack.last()).toMatchObject({ to: '#general' });
    expect(await on.engine.notifications.get(sent.id)).toMatchObject({ contactId: null, contact: null });
    expect((await on.engine.contacts.list()).items).toEqual([]);
  });

  test('like a Slack channel or user id is one, unless it is an external id', async () => {
    const on = trial();
    await on.done('post', { to: 'C0123ABCD' });
    await on.done('post', { to: 'U0123ABCD' });
    await on.engine.contacts.upsert({ externalId: 'C9999ABCD', email: jane });
    await on.done('mail', { to: 'C9999ABCD' });
    expect(on.slack.messages.map(({ to }) => to)).toEqual(['C0123ABCD', 'U0123ABCD']);
    expect(on.email.last()).toMatchObject({ to: jane });
    expect((await on.engine.contacts.list()).items.map(({ slack }) => slack)).toContain('U0123ABCD');
  });

  test('that is any other is an external id, then a contact id', async () => {
    const on = trial();
    const contact = await on.engine.contacts.upsert({ externalId: 'customer 7', email: jane });
    await on.done('mail', { to: 'customer 7' });
    await on.done('mail', { to: contact.id });
    expect(on.email.messages).toHaveLength(2);
  });

  test('that is unknown creates nothing', async () => {
    const on = trial();
    expect(await refusal(() => on.one('mail', { to: 'nobody' }))).toEqual({
      code: 'MISSING_IDENTIFIER',
      path: 'to',
      message:
        '`to` is the id of no contact: create the contact first, or give an e-mail address, a phone number or an object.',
    });
    expect((await on.engine.contacts.list()).items).toEqual([]);
  });

  test('`abc`, `ABC`, `abc ` and `ábc` are four external ids', async () => {
    const on = trial();
    const ids = ['abc', 'ABC', 'abc ', 'ábc'];
    for (const [index, externalId] of ids.entries()) {
      await on.done('mail', { to: { externalId, email: `p${index}@example.com` } });
    }
    for (const id of ids) await on.done('mail', { to: id });
    expect(on.email.messages.slice(4).map(({ to }) => to)).toEqual([0, 1, 2, 3].map((n) => `p${n}@example.com`));
  });

  test.each([
    ['jane@', 'INVALID_EMAIL'],
    ['+12', 'INVALID_PHONE'],
    ['', 'MISSING_IDENTIFIER'],
  ])('%j is refused', async (to, code) => {
    const on = trial();
    expect(await refusal(() => on.one('mail', { to }))).toMatchObject({ code, path: 'to' });
  });
});

describe('an object', () => {
  test('creates, then updates by any identifier; unknown fields go to meta, which is merged', async () => {
    const on = trial();
    await on.done('mail', { to: { email: jane, name: 'Jane Doe', plan_name: 'gold', seats: 3 } });
    await on.done('mail', { to: { phone: '+46701234567', email: jane, plan_name: null } });
    const contact = await on.engine.contacts.get('+46701234567');
    expect(contact).toMatchObject({ email: jane, name: 'Jane Doe', firstName: 'Jane', meta: { seats: 3 } });
    expect(contact.meta).not.toHaveProperty('planName');
    expect(on.email.last()).toMatchObject({ toName: 'Jane Doe' });
  });

  test('its id means the contact that has it, otherwise it is an external id', async () => {
    const on = trial();
    const made = await on.engine.contacts.upsert({ email: jane });
    await on.done('mail', { to: { id: made.id, name: 'Jane' } });
    await on.done('mail', { to: { id: 'mine', email: 'joe@example.com' } });
    expect(await on.engine.contacts.get(made.id)).toMatchObject({ name: 'Jane', email: jane });
    expect(await on.engine.contacts.get('mine')).toMatchObject({ externalId: 'mine', email: 'joe@example.com' });
  });

  test('whose identifiers belong to two contacts changes nothing', async () => {
    const on = trial();
    await on.engine.contacts.upsert({ email: jane });
    await on.engine.contacts.upsert({ phone: '+46701234567' });
    expect(await refusal(() => on.one('mail', { to: { email: jane, phone: '+46701234567', name: 'X' } }))).toEqual({
      code: 'CONFLICT',
      path: 'to',
      message:
        '`to` names 2 different contacts by its email, phone; nothing was changed. Give what belongs to one of them.',
    });
    expect((await on.engine.contacts.get(jane)).name).toBeUndefined();
    expect((await on.engine.notifications.list()).items).toEqual([]);
  });

  test('without an identifier, null, and things that are no recipient are refused', async () => {
    const on = trial();
    expect(await refusal(() => on.one('mail', { to: { name: 'Jane' } }))).toMatchObject({
      code: 'MISSING_IDENTIFIER',
      message: '`to` names nobody: give at least one identifier, such as email, phone or externalId.',
    });
    expect(await refusal(() => on.one('mail', { to: null }))).toMatchObject({
      code: 'VALIDATION_ERROR',
      message: '`to` is null: give a string or an object of contact fields.',
    });
    expect(await refusal(() => on.engine.contacts.get(undefined as never))).toMatchObject({
      message: '`who` is undefined: give a string or an object of contact fields.',
    });
    expect(await refusal(() => on.one('mail', { to: 7 }))).toMatchObject({ code: 'VALIDATION_ERROR' });
    expect(await refusal(() => on.one('mail', {}))).toEqual({
      code: 'MISSING_IDENTIFIER',
      path: 'to',
      message: 'A send of "mail" needs `to`: the event has no listeners.',
    });
  });

  test('with several push tokens gets one message for each', async () => {
    const on = trial();
    const sent = await on.done('ping', { to: { email: jane, pushTokens: ['token-one', 'token-two'] } });
    expect(sent.deliveries).toHaveLength(2);
    expect(on.push.messages.map(({ to }) => to)).toEqual(['token-one', 'token-two']);
    expect(await on.engine.notifications.get(sent.id)).toMatchObject({ status: 'completed' });
  });

  test('one dead token of several is left out', async () => {
    const on = trial();
    await on.engine.suppressions.add({ address: 'token-one', channel: 'push', reason: 'invalid' });
    const sent = await on.done('ping', { to: { email: jane, pushTokens: ['token-one', 'token-two'] } });
    expect(sent.deliveries).toHaveLength(1);
    expect(on.push.messages.map(({ to }) => to)).toEqual(['token-two']);
  });

  test('a push token moves to its latest owner', async () => {
    const on = trial();
    await on.done('ping', { to: { email: jane, pushToken: 'token-one' } });
    await on.done('ping', { to: { email: 'joe@example.com', pushToken: 'token-one' } });
    expect((await on.engine.contacts.get(jane)).pushTokens).toBeUndefined();
    expect(await refusal(() => on.one('ping', { to: jane }))).toMatchObject({ code: 'MISSING_IDENTIFIER' });
  });

  test('is reached by the address field of a channel of your own', async () => {
    const matrix = defineChannel({ name: 'matrix', address: 'matrixId', template: z.object({ body: z.string() }) });
    const { defineEvent } = withChannels(matrix);
    const adapter = captureAdapter({ name: 'matrix.org', channel: 'matrix' });
    const on = trial({
      events: { hello: defineEvent({ templates: { matrix: { en: { body: 'Hello' } } } }) },
      adapters: [adapter],
    });
    await on.done('hello', { to: { matrixId: '@jane:example.org' } });
    await on.done('hello', { to: { matrixId: '@jane:example.org', name: 'Jane' } });
    expect(adapter.messages.map(({ to }) => to)).toEqual(['@jane:example.org', '@jane:example.org']);
    expect((await on.engine.contacts.list()).items).toHaveLength(1);
  });
});

describe('in one batch, one after the other', () => {
  test('two sends of the same new contact make one', async () => {
    const on = trial();
    await Promise.all([on.one('mail', { to: jane }), on.one('mail', { to: { email: jane, name: 'Jane' } })]);
    await on.engine.idle();
    const { items } = await on.engine.contacts.list();
    expect(items).toHaveLength(1);
    expect(items[0]).toMatchObject({ name: 'Jane' });
    expect(on.email.messages).toHaveLength(2);
  });

  test('meta is merged, and each send sees what the one before it left', async () => {
    const on = trial();
    await on.engine.contacts.upsert({ email: jane, meta: { kept: 1 } });
    await Promise.all([
      on.one('mail', { to: { email: jane, one: 1, two: 1 } }),
      on.one('mail', { to: { email: jane, two: 2, three: 3 } }),
      on.one('mail', { to: { email: jane, one: null } }),
    ]);
    expect((await on.engine.contacts.get(jane)).meta).toEqual({ kept: 1, two: 2, three: 3 });
  });

  test('an identifier given away in the batch leads to its new contact', async () => {
    const on = trial();
    await Promise.all([
      on.one('mail', { to: { externalId: 'a', email: jane } }),
      on.one('mail', { to: { externalId: 'a', email: 'new@example.com' } }),
      on.one('mail', { to: { externalId: 'b', email: jane } }),
    ]);
    expect(await on.engine.contacts.get('a')).toMatchObject({ email: 'new@example.com' });
    expect(await on.engine.contacts.get('b')).toMatchObject({ email: jane });
  });

  test('a conflict harms nobody else', async () => {
    const on = trial();
    await on.engine.contacts.upsert({ email: jane });
    await on.engine.contacts.upsert({ phone: '+46701234567' });
    const results = await Promise.allSettled([
      on.one('mail', { to: jane }),
      on.one('mail', { to: { email: jane, phone: '+46701234567' } }),
      on.one('mail', { to: 'joe@example.com' }),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });
});

test('a trace says where it went and why', async () => {
  const on = trial();
  const sent = await on.done('any', { to: { phone: '+46701234567' } });
  expect((await messageOf(on, sent)).routing).toEqual({
    adapter: 'texter',
    tried: [
      { channel: 'email', result: 'skipped', code: 'MISSING_IDENTIFIER', why: 'the contact has no address for it' },
      { channel: 'sms', result: 'chosen' },
    ],
  });
});
