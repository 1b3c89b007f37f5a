import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { events, messageOf, refusal, trial } from '../../test/engine-trial.ts';
import { defineEvent } from '../index.ts';

const to = 'jane@example.com';
const templates = { email: { en: { subject: '{{company}} {{seats}}', text: 'Text' } } };

describe('the payload', () => {
  const zod = defineEvent({ payload: z.object({ company: z.string(), seats: z.number().default(1) }), templates });
  const valibot = defineEvent({
    payload: v.object({ company: v.string(), seats: v.optional(v.number(), 1) }),
    templates,
  });

  test.each([
    ['zod', zod],
    ['valibot', valibot],
  ])('is what the schema of %s makes of it', async (_, event) => {
    const on = trial({ events: { welcome: event } });
    await on.done('welcome', { to, payload: { company: 'ACME' } });
    expect(on.email.last()?.content).toMatchObject({ subject: 'ACME 1' });
    const said = await refusal(() => on.one('welcome', { to, payload: { company: 5 } }));
    expect(said).toMatchObject({ code: 'PAYLOAD_INVALID', path: 'payload.company' });
    expect(said.message).toMatch(/^The payload of "welcome" does not fit its schema: payload\.company: .+\.$/);
    expect((await on.engine.notifications.list()).items).toHaveLength(1);
  });

  test('of an event without a schema is nothing', async () => {
    const on = trial();
    expect(await refusal(() => on.one('ping', { to, payload: { a: 1 } }))).toEqual({
      code: 'PAYLOAD_INVALID',
      path: 'payload.a',
      message: 'Event "ping" takes no payload, but got payload.a. Give the event a payload schema.',
    });
    expect(await refusal(() => on.one('mail', { to, payload: 'text' }))).toMatchObject({
      message: 'The payload of "mail" must be an object.',
    });
  });

  test('with a Date keeps it as text; what JSON would lose is refused by its path', async () => {
    const on = trial({
      events: {
        when: defineEvent({
          payload: z.looseObject({}),
          templates: { email: { en: { subject: 's', text: '{{at}}' } } },
        }),
      },
    });
    await on.done('when', { to, payload: { at: new Date('2026-03-01T12:00:00Z') } });
    expect(on.email.last()?.content).toMatchObject({ text: '2026-03-01T12:00:00.000Z' });
    expect(await refusal(() => on.one('when', { to, payload: { deep: { list: [1, Number.NaN] } } }))).toEqual({
      code: 'VALIDATION_ERROR',
      path: 'payload.deep.list[1]',
      message: '`payload.deep.list[1]` is not a finite number.',
    });
  });

  test('that is too large is refused with both sizes', async () => {
    const on = trial({ limits: { payloadBytes: 50 } });
    await on.one('mail', { to, payload: { a: 'x'.repeat(42) } });
    expect(await refusal(() => on.one('mail', { to, payload: { a: 'x'.repeat(43) } }))).toEqual({
      code: 'PAYLOAD_TOO_LARGE',
      path: 'payload',
      message: 'The payload of "mail" has 51 bytes; the limit is 50 (limits.payloadBytes).',
    });
  });
});

describe('is refused', () => {
  test('for an event nobody defined', async () => {
    const on = trial();
    expect(await refusal(() => on.one('welcom', { to }))).toEqual({
      code: 'EVENT_NOT_FOUND',
      path: 'event',
      message: 'Event "welcom" is not defined; there are mail, text, ping, post, any.',
    });
    expect(await refusal(() => on.one(5 as never, { to }))).toMatchObject({
      message: expect.stringContaining('Event number'),
    });
  });

  test.each<[object, string, string]>([
    [
      { urgent: true },
      'urgent',
      'send("mail"): urgent is no option; there are to, payload, channel, overrides, language, from, onUnroutable, priority, requestId, idempotencyKey, transaction.',
    ],
    [{ transaction: {} }, 'transaction', 'send("mail"): transaction is not supported by this store.'],
    [
      { transaction: undefined },
      'transaction',
      `send("mail"): transaction is undefined. Give the open one; where there is none leave it out, or say 'none'.`,
    ],
    [{ priority: 'high' }, 'priority', 'send("mail"): priority must be urgent, normal or bulk, not a string.'],
    [{ idempotencyKey: '' }, 'idempotencyKey', 'send("mail"): idempotencyKey must not be empty.'],
    [
      { idempotencyKey: 'å'.repeat(128) },
      'idempotencyKey',
      'send("mail"): idempotencyKey must be 1 to 255 bytes without NUL.',
    ],
    [{ requestId: 'a\0b' }, 'requestId', 'send("mail"): requestId must be 1 to 255 bytes without NUL.'],
    [{ language: 'not a language' }, 'language', '`language` must be a BCP 47 tag such as "en" or "sv-SE".'],
    [{ from: 'nobody\r\nBcc: x@y.se' }, 'from', '`from` must not hold control characters.'],
    [{ from: 'jane@' }, 'from', ''],
    [{ channel: 'fax' }, 'channel', 'Event "mail" has no template for the channel "fax"; it has email.'],
    [
      { overrides: { sms: {} } },
      'overrides.sms',
      'send("mail"): overrides.sms cannot be used: the event has no template for that channel.',
    ],
    [
      { overrides: { email: { subjekt: 'x' } } },
      'overrides.email',
      'send("mail"): overrides.email Unrecognized key: "subjekt".',
    ],
    [{ overrides: { email: { cc: 'nobody' } } }, 'overrides.email.cc', ''],
  ])('for %o', async (wrong, path, message) => {
    const on = trial();
    const said = await refusal(() => on.one('mail', { to, ...wrong }));
    expect(said.path).toBe(path);
    if (message !== '') expect(said.message).toBe(message);
    expect((await on.engine.notifications.list()).items).toEqual([]);
  });
});

describe('a forced channel', () => {
  const jane = { email: to, phone: '+46701234567' };
  test('is the only one tried', async () => {
    const on = trial();
    const sent = await on.done('any', { to: jane, channel: 'sms' });
    expect(sent.deliveries.map(({ channel }) => channel)).toEqual(['sms']);
    expect((await messageOf(on, sent)).routing).toMatchObject({ tried: [{ channel: 'sms', result: 'chosen' }] });
  });

  test.each([
    ['mail', 'sms', 'TEMPLATE_MISSING', 'Event "mail" has no template for the channel "sms"; it has email.', 'channel'],
    [
      'any',
      'push',
      'MISSING_IDENTIFIER',
      'Event "any" cannot reach this recipient: push: the contact has no address for it.',
      'to',
    ],
  ])('of %s: %s is refused with %s', async (event, channel, code, message, path) => {
    const on = trial();
    expect(await refusal(() => on.one(event, { to: jane, channel }))).toEqual({ code, message, path });
  });

  test('without an adapter is refused; unforced it is passed over', async () => {
    const on = trial({ events: { any: events.any as never }, missingAdapter: 'skip', adapters: [] });
    const bare = trial({
      missingAdapter: 'skip',
      events: {
        any: defineEvent({
          templates: { whatsapp: { en: { text: 'x' } }, email: { en: { subject: 's', text: 't' } } },
        }),
      },
    });
    const sent = await bare.done('any', { to: jane });
    expect(sent.deliveries[0]).toMatchObject({ channel: 'email' });
    expect(await refusal(() => bare.one('any', { to: jane, channel: 'whatsapp' }))).toMatchObject({
      code: 'INTEGRATION_MISSING',
      message: 'Event "any" cannot reach this recipient: whatsapp: no adapter is configured for it.',
    });
    expect(on).toBeDefined();
  });
});

describe('the language', () => {
  const languages = {
    hello: defineEvent({
      templates: {
        email: {
          en: { subject: 'Hello', text: 'x' },
          sv: { subject: 'Hej', text: 'x' },
          'pt-BR': { subject: 'Oi', text: 'x' },
        },
      },
    }),
  };
  test.each([
    ['sv-SE', 'Hej'],
    ['sv_FI', 'Hej'],
    ['pt-BR', 'Oi'],
    ['pt', 'Hello'],
    ['fi', 'Hello'],
    [undefined, 'Hello'],
  ])('%s: %s', async (language, subject) => {
    const on = trial({ events: languages });
    await on.done('hello', { to: { email: to, language } });
    expect(on.email.last()?.content).toMatchObject({ subject });
  });

  test("the send's goes before the contact's", async () => {
    const on = trial({ events: languages });
    await on.done('hello', { to: { email: to, language: 'sv' }, language: 'pt-BR' });
    expect(on.email.last()).toMatchObject({ content: { subject: 'Oi' }, language: 'pt-BR' });
  });
});

describe('what is kept with it', () => {
  test('request id, priority and expiry', async () => {
    const expiring = defineEvent({ templates: { email: { en: { subject: 'x', text: 'x' } } }, expiresIn: '1 hour' });
    const on = trial({ events: { expiring } });
    const sent = await on.one('expiring', { to, requestId: 'r-1', priority: 'urgent' });
    expect(await on.engine.notifications.get(sent.id)).toMatchObject({ requestId: 'r-1' });
    const { items } = await on.store.listMessages({ scope: 1, limit: 10 });
    expect(items[0]).toMatchObject({ priority: 0, expiresAt: on.clock.now() + 3_600_000 });
  });
});
