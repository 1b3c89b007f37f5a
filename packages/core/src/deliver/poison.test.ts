import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { messageOf, type Trial, trial, events as trialEvents } from '../../test/engine-trial.ts';
import {
  type ChannelAdapter,
  captureAdapter,
  defineChannel,
  defineEvent,
  type EventMap,
  memoryStore,
  type Store,
  withChannels,
} from '../index.ts';

const to = 'jane@example.com';
const mates = ['a@example.com', 'b@example.com'];
const bad = 'poison@example.com';

/** A proxy whose every use throws. */
const evil: object = new Proxy(
  {},
  {
    get() {
      throw new Error('no touching');
    },
  },
);

/** Sends to a poisoned recipient between two others; the others must get theirs. */
async function between(on: Trial, event = 'mail'): Promise<Awaited<ReturnType<typeof messageOf>>> {
  await on.engine.start();
  const sent = await Promise.all([mates[0], bad, mates[1]].map((each) => on.one(event, { to: each ?? to })));
  await on.clock.advance(1000);
  for (const index of [0, 2]) expect(await messageOf(on, sent[index] as never)).toMatchObject({ status: 'sent' });
  // and the worker lives
  const after = await on.one('mail', { to });
  await on.clock.advance(1000);
  expect(await messageOf(on, after)).toMatchObject({ status: 'sent' });
  return messageOf(on, sent[1] as never);
}

const adapterOf = (poison: (message: never) => unknown): ChannelAdapter =>
  ({
    specVersion: 1,
    name: 'mailer',
    channel: 'email',
    send: (message: { to: string }) => (message.to === bad ? poison(message as never) : { outcome: 'accepted' }),
  }) as unknown as ChannelAdapter;

describe('an adapter that', () => {
  const cyclic: Record<string, unknown> = { outcome: 'accepted' };
  cyclic.providerId = cyclic;
  test.each<[string, () => unknown]>([
    ['throws an error', () => thrown(new Error('x'))],
    ['throws a text', () => thrown('x')],
    ['throws undefined', () => thrown(undefined)],
    ['throws null', () => thrown(null)],
    ['throws a symbol', () => thrown(Symbol('x'))],
    ['throws what has no prototype', () => thrown(Object.create(null))],
    ['throws what throws when looked at', () => thrown(evil)],
    ['rejects with undefined', () => Promise.reject(undefined)],
    ['rejects with what has no prototype', () => Promise.reject(Object.create(null))],
    ['returns undefined', () => undefined],
    ['returns a number', () => 42],
    ['returns a function', () => () => {}],
    ['returns an unknown outcome', () => ({ outcome: 'fine' })],
    ['returns what throws when looked at', () => evil],
    [
      'returns a getter that throws',
      () => ({
        get outcome() {
          throw new Error('x');
        },
      }),
    ],
    // biome-ignore lint/suspicious/noThenProperty: the poison itself
    ['returns a thenable that throws', () => ({ then: () => thrown(new Error('x')) })],
    ['returns a reason without a prototype', () => ({ outcome: 'unknown', reason: Object.create(null) })],
    ['never answers', () => new Promise(() => {})],
  ])('%s: is an unknown outcome of its own message', async (_, poison) => {
    const on = trial({ adapters: [adapterOf(poison)] });
    await between(on);
    await on.clock.advance(15_000);
    const { items } = await on.engine.messages.list();
    const poisoned = items.filter(({ status }) => status !== 'sent');
    expect(poisoned).toMatchObject([{ status: 'queued', error: { code: 'PROVIDER_TIMEOUT' } }]);
  });

  test('returns a provider id that is no text: is accepted', async () => {
    const on = trial({ adapters: [adapterOf(() => cyclic)] });
    expect(await between(on)).toMatchObject({ status: 'sent', providerId: null });
  });

  test('changes all it is given: harms no other', async () => {
    const seen: unknown[] = [];
    const adapter = {
      ...{ specVersion: 1 as const, name: 'mailer', channel: 'email', defaultSender: { address: 'me@example.com' } },
      send(message: Record<string, Record<string, unknown>>) {
        seen.push(structuredClone({ from: message.from, scope: message.scope, content: message.content }));
        for (const part of Object.values(message)) {
          if (typeof part === 'object') for (const key of Object.keys(part)) part[key] = 'spoilt';
        }
        for (const key of Object.keys(message)) delete message[key];
        return { outcome: 'accepted' };
      },
    };
    const producer = trial({ role: 'producer', senders: [], adapters: [adapter as never] });
    for (const each of [...mates, to]) await producer.one('mail', { to: each });
    const { store, clock } = producer;
    const on = trial({ store, clock, senders: [], adapters: [adapter as never] });
    await on.engine.start();
    await on.clock.advance(1000);
    await producer.one('mail', { to });
    await on.clock.advance(1000);
    expect(seen).toHaveLength(4);
    expect(new Set(seen.map((one) => JSON.stringify(one))).size).toBe(1);
  });
});

function thrown(value: unknown): never {
  throw value;
}

describe('a template that', () => {
  const mailWith = (text: unknown): EventMap => ({
    ...trialEvents,
    poison: defineEvent({ templates: { email: { en: { subject: 'x', text: text as never } } } }),
  });
  test.each<[string, unknown, string]>([
    ['throws an error', () => thrown(new Error('boom')), 'TEMPLATE_FAILED'],
    ['throws undefined', () => thrown(undefined), 'TEMPLATE_FAILED'],
    ['throws what has no prototype', () => thrown(Object.create(null)), 'TEMPLATE_FAILED'],
    ['throws what throws when looked at', () => thrown(evil), 'TEMPLATE_FAILED'],
    ['returns a number', () => 42, 'TEMPLATE_FAILED'],
    ['returns what throws when looked at', () => evil, 'TEMPLATE_FAILED'],
    ['returns a cycle', () => cycle(), 'TEMPLATE_FAILED'],
    ['never ends', () => new Promise(() => {}), 'TEMPLATE_LIMIT'],
    ['loops', '{{#each (repeat 100000)}}{{#each ../this}}x{{/each}}{{/each}}', 'TEMPLATE'],
  ])('%s: fails its own message with a readable error', async (name, text, code) => {
    const helpers =
      name === 'loops' ? { repeat: (count: number) => Array.from({ length: count }, () => 'x'.repeat(99)) } : {};
    const on = trial({ events: mailWith(text), helpers, limits: { timeMs: 50 } });
    await on.engine.start();
    const sent = await on.one('poison', { to });
    const mate = await on.one('mail', { to });
    await on.clock.advance(16_000);
    expect(await messageOf(on, mate)).toMatchObject({ status: 'sent' });
    if (name === 'loops') return;
    const { status, error } = await messageOf(on, sent);
    expect([status, error?.code]).toEqual(['failed', code]);
    expect(error?.message).toMatch(/\w+ \w+/);
  });
});

function cycle(): object {
  const one: { self?: object } = {};
  one.self = one;
  return one;
}

describe('a custom channel whose', () => {
  const template = z.object({ text: z.string() });
  const faxOn = (more: object): Trial => {
    const fax = defineChannel({ name: 'fax', address: 'faxNumber', template, ...more });
    const ours = withChannels(fax);
    const faxed = ours.defineEvent({ templates: { fax: { en: { text: 'Hi {{contact.name}}' } } } } as never);
    const faxer = captureAdapter({ name: 'faxer', channel: 'fax' });
    return trial({ events: { ...trialEvents, faxed } as EventMap, adapters: [faxer] });
  };

  test.each<[string, object, string]>([
    ['check throws', { check: () => thrown(new Error('boom')) }, 'TEMPLATE_FAILED'],
    ['check throws undefined', { check: () => thrown(undefined) }, 'TEMPLATE_FAILED'],
    ['check throws what throws when looked at', { check: () => thrown(evil) }, 'TEMPLATE_FAILED'],
    ['escape throws', { escape: () => thrown(new Error('boom')) }, 'TEMPLATE_FAILED'],
  ])('%s: fails its own message', async (_, more, code) => {
    const on = faxOn(more);
    await on.engine.start();
    const [sent, mate] = await Promise.all([
      on.one('faxed', { to: { externalId: 'x', faxNumber: '1' } as never }),
      on.one('mail', { to }),
    ]);
    await on.clock.advance(1000);
    expect(await messageOf(on, mate)).toMatchObject({ status: 'sent' });
    expect(await messageOf(on, sent)).toMatchObject({ status: 'failed', error: { code } });
  });

  test('normalize throws: refuses its own send', async () => {
    const on = faxOn({ normalize: () => thrown(new Error('boom')) });
    const [sent, mate] = await Promise.allSettled([
      on.one('faxed', { to: { externalId: 'x', faxNumber: '1' } as never }),
      on.one('mail', { to }),
    ]);
    expect([sent?.status, mate?.status]).toEqual(['rejected', 'fulfilled']);
    expect((sent as PromiseRejectedResult).reason).toMatchObject({ code: 'INVALID_ADDRESS' });
  });
});

test('a redact that throws fails its own message before anybody is called', async () => {
  const redact = (): never => thrown(evil);
  const poison = defineEvent({ templates: { email: { en: { subject: 'x', text: 'x' } } }, snapshot: { redact } });
  const on = trial({ events: { ...trialEvents, poison } });
  await on.engine.start();
  const [sent, mate] = await Promise.all([on.one('poison', { to }), on.one('mail', { to })]);
  await on.clock.advance(1000);
  expect(await messageOf(on, mate)).toMatchObject({ status: 'sent' });
  expect(await messageOf(on, sent)).toMatchObject({ status: 'failed', error: { code: 'TEMPLATE_FAILED' } });
  expect(on.email.messages).toHaveLength(1);
});

test('a listener that throws anything harms nobody', async () => {
  const on = trial();
  for (const value of [new Error('x'), undefined, Object.create(null), evil]) {
    on.engine.untyped.on('message.sent', () => thrown(value));
    on.engine.untyped.on('error', () => thrown(value));
  }
  expect(await messageOf(on, await on.done('mail', { to }))).toMatchObject({ status: 'sent' });
});

describe('a row damaged by hand', () => {
  const damaged = (store: Store, damage: (row: Record<string, Record<string, unknown>>) => object): void => {
    const { claim } = store;
    store.claim = async (request) => {
      const got = await claim(request);
      const messages = got.messages.map((one) =>
        one.message.address === bad ? { ...one, ...damage(structuredClone(one) as never) } : one,
      );
      return { ...got, messages };
    };
  };
  test.each<[string, (row: Record<string, Record<string, unknown>>) => object]>([
    ['payload', ({ notification }) => ({ notification: { ...notification, payload: '{"a":' } })],
    ['payload that is null', ({ notification }) => ({ notification: { ...notification, payload: 'null' } })],
    ['options', ({ notification }) => ({ notification: { ...notification, options: '{]' } })],
    ['options that are null', ({ notification }) => ({ notification: { ...notification, options: 'null' } })],
    ['content', () => ({ content: 'not json' })],
    ['contact', ({ contact }) => ({ contact: { ...contact, row: { ...(contact?.row as object), data: '{' } } })],
  ])('(%s) ends its own message, readably, and the others are delivered', async (_, damage) => {
    const store = memoryStore();
    const producer = trial({ role: 'producer', store });
    const sent = await Promise.all([...mates, bad].map((each) => producer.one('mail', { to: each })));
    const on = trial({ store, clock: producer.clock });
    damaged(store, damage);
    await on.engine.start();
    await on.clock.advance(1000);
    const rows = await Promise.all(sent.map((one) => messageOf(on, one)));
    expect(rows.map(({ status }) => status)).toEqual(['sent', 'sent', 'failed']);
    expect(rows[2]?.error?.message).toMatch(/\w+ \w+/);
    expect(on.email.messages).toHaveLength(2);
  });

  test('(scope) is left alone, and the others are delivered', async () => {
    const store = memoryStore();
    const producer = trial({ role: 'producer', store });
    await Promise.all([...mates, bad].map((each) => producer.one('mail', { to: each })));
    const on = trial({ store, clock: producer.clock });
    damaged(store, ({ message }) => ({ message: { ...message, scope: 99 } }));
    await on.engine.start();
    await on.clock.advance(1000);
    expect(on.email.messages).toHaveLength(2);
    expect(on.logged).toContain('error A message of an unknown scope is left alone.');
  });
});
