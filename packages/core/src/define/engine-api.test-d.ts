import { expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import type { createEngine as realCreateEngine } from '../engine.ts';
import type { TidingsError } from '../spec/errors.ts';
import type { Store } from '../spec/store.ts';
import { defineAdapter } from './define-adapter.ts';
import { defineChannel } from './define-channel.ts';
import { defineEvent } from './define-event.ts';
import type { Engine, UntypedEngine } from './engine-api.ts';
import type { EventMap } from './event-definition.ts';
import type { Delivery, Sender, Sent, SentMany } from './send.ts';
import type { Stopped } from './views.ts';
import { withChannels } from './with-channels.ts';

interface Transaction {
  query(text: string): Promise<void>;
  totalCount?: never;
}
interface Pool {
  query(text: string): Promise<void>;
  totalCount: number;
}
declare const transaction: Transaction;
declare const pool: Pool;
declare const memory: Store;
declare const joining: Store<Transaction>;
declare const createEngine: typeof realCreateEngine;

const matrix = defineChannel({
  name: 'matrix',
  address: 'matrixId',
  template: z.object({ body: z.string() }),
  overrides: z.object({ room: z.string().optional() }),
});
const matrixOrg = defineAdapter({ name: 'matrix.org', channel: matrix, send: async () => ({ outcome: 'accepted' }) });
const ses = defineAdapter({ name: 'ses', channel: 'email', send: async () => ({ outcome: 'accepted' }) });

const welcome = defineEvent({
  payload: z.object({ company: z.string(), seats: z.number().default(1) }),
  category: 'onboarding',
  templates: { email: { en: { subject: 'x', text: 'x' } }, sms: { en: { text: 'x' } } },
});
const note = defineEvent({
  payload: z.object({ text: z.string().optional() }),
  templates: { sms: { en: { text: 'x' } } },
});
const ping = defineEvent({ templates: { slack: { en: { text: 'ping' } } } });
const alarm = defineEvent({
  payload: z.object({ level: z.number() }),
  templates: { sms: { en: { text: 'x' } } },
  listeners: ['+46701234567'],
});
const comments = withChannels(matrix).defineEvent({ templates: { matrix: { en: { body: 'x' } } } });
const billing = { 'invoice.paid': welcome };

const events = { ...billing, welcome, note, ping, alarm, comments };
declare const engine: Engine<typeof events, Transaction>;
declare const plain: Engine<typeof events>;
const payload = { company: 'ACME' };

test('the result follows `to`', () => {
  expectTypeOf(engine.send('welcome', { to: 'jane@example.com', payload })).resolves.toEqualTypeOf<
    Sent<'email' | 'sms'>
  >();
  expectTypeOf(
    engine.send('welcome', { to: { email: 'jane@example.com', tier: 'gold' }, payload }),
  ).resolves.toEqualTypeOf<Sent<'email' | 'sms'>>();
  expectTypeOf(
    engine.send('welcome', { to: ['jane@example.com', { phone: '+46701234567' }], payload }),
  ).resolves.toEqualTypeOf<SentMany<'email' | 'sms'>>();
  expectTypeOf<Sent<'sms'>['deliveries'][number]>().toEqualTypeOf<Delivery<'sms'>>();
  expectTypeOf<SentMany['rejected'][number]['error']>().toEqualTypeOf<TidingsError>();
  const either = 'x' as string | string[];
  expectTypeOf(engine.send('ping', { to: either })).resolves.toEqualTypeOf<Sent<'slack'> | SentMany<'slack'>>();
});

test('a payload is asked for when it is needed', () => {
  engine.send('ping', { to: 'U1' });
  engine.send('note', { to: 'x' });
  // @ts-expect-error missing payload
  engine.send('welcome', { to: 'x' });
  // @ts-expect-error missing company
  engine.send('welcome', { to: 'x', payload: {} });
  // @ts-expect-error wrong type
  engine.send('welcome', { to: 'x', payload: { company: 1 } });
  // @ts-expect-error unknown field
  engine.send('welcome', { to: 'x', payload: { company: 'x', compny: 'x' } });
  // @ts-expect-error no payload in this event
  engine.send('ping', { to: 'x', payload: { a: 1 } });
});

test('listeners make `to` optional', () => {
  expectTypeOf(engine.send('alarm', { payload: { level: 1 } })).resolves.toEqualTypeOf<SentMany<'sms'>>();
  expectTypeOf(engine.send('alarm', { to: '+46701234567', payload: { level: 1 } })).resolves.toEqualTypeOf<
    Sent<'sms'>
  >();
  // @ts-expect-error nobody to send to
  engine.send('ping', {});
});

test('objects of one’s own are recipients, lists of anything are not', () => {
  interface User {
    id: string;
    email: string;
    phone: string | null;
  }
  class Account {
    email = 'jane@example.com';
    rename(): void {}
  }
  const user: User = { id: '1', email: 'jane@example.com', phone: null };
  expectTypeOf(engine.send('ping', { to: user })).resolves.toEqualTypeOf<Sent<'slack'>>();
  expectTypeOf(engine.send('ping', { to: new Account() })).resolves.toEqualTypeOf<Sent<'slack'>>();
  expectTypeOf(engine.send('ping', { to: [user] })).resolves.toEqualTypeOf<SentMany<'slack'>>();
  // @ts-expect-error a number is no recipient
  engine.send('ping', { to: [42] });
  // @ts-expect-error e-mail is a string
  engine.send('ping', { to: { email: 42 } });
});

test('options of a send', () => {
  engine.send('welcome', {
    to: 'x',
    payload,
    channel: 'sms',
    language: 'sv',
    from: { address: 'hi@example.com', name: 'ACME' },
    overrides: { email: { replyTo: 'a@example.com' }, brand: { logotype: 'x' } },
    idempotencyKey: 'k',
    onUnroutable: 'record',
    priority: 'urgent',
    requestId: 'r',
  });
  engine.send('comments', { to: { matrixId: '@a:b' }, channel: 'matrix', overrides: { matrix: { room: 'x' } } });
  // @ts-expect-error unknown event
  engine.send('welcom', { to: 'x' });
  // @ts-expect-error a name known at run time only
  engine.send('welcome' as string, { to: 'x' });
  // @ts-expect-error no template on push
  engine.send('welcome', { to: 'x', payload, channel: 'push' });
  // @ts-expect-error override for a channel without template
  engine.send('welcome', { to: 'x', payload, overrides: { slack: {} } });
  // @ts-expect-error unknown override
  engine.send('welcome', { to: 'x', payload, overrides: { email: { replyto: 'x' } } });
  // @ts-expect-error wrong override
  engine.send('comments', { to: 'x', overrides: { matrix: { room: 1 } } });
  // @ts-expect-error an address of a custom channel
  engine.send('comments', { to: { matrixId: 1 } });
  // @ts-expect-error unknown option
  engine.send('ping', { to: 'x', idempotencykey: 'x' });
});

test('a transaction is what the store can join', () => {
  engine.send('ping', { to: 'x', transaction });
  engine.contacts.upsert({ email: 'jane@example.com' }, { transaction });
  // @ts-expect-error a pool would commit on its own
  engine.send('ping', { to: 'x', transaction: pool });
  // @ts-expect-error this store joins none
  plain.send('ping', { to: 'x', transaction });
  // @ts-expect-error this store joins none
  plain.contacts.upsert({ email: 'jane@example.com' }, { transaction });
});

test('createEngine takes the transaction from the store and adapters for channels there are', () => {
  const made = createEngine({ store: joining, adapters: [ses, matrixOrg], events });
  expectTypeOf(made).toEqualTypeOf<Engine<typeof events, Transaction>>();
  const simple = createEngine({
    store: memory,
    adapters: [ses],
    events: { ping },
    senders: [{ channel: 'email', address: 'a@example.com' }],
  });
  expectTypeOf(simple).toEqualTypeOf<Engine<{ ping: typeof ping }>>();
  // @ts-expect-error nobody defined matrix
  createEngine({ store: memory, adapters: [matrixOrg], events: { ping } });
  // @ts-expect-error unknown channel
  createEngine({ store: memory, adapters: [], events: { ping }, delivery: { unknown: { fax: 'hold' } } });
  // @ts-expect-error unknown option
  createEngine({ store: memory, adapters: [], events: { ping }, logger: console });
  const loaded: EventMap = { ping };
  createEngine({ store: memory, adapters: [ses, matrixOrg], events: loaded }).send('whatever', {
    to: 'x',
    payload: { any: 1 },
  });
});

test('modules take the part they need', () => {
  const bill = (sender: Sender<typeof billing>) => sender.send('invoice.paid', { to: 'x', payload });
  const inside = (sender: Sender<typeof billing, Transaction>) =>
    sender.send('invoice.paid', { to: 'x', payload, transaction });
  const serve = (_engine: UntypedEngine) => undefined;
  bill(engine);
  bill(plain);
  inside(engine);
  serve(engine);
  serve(plain);
  serve(engine.for({ tenant: 'acme', mode: 'test' }));
  expectTypeOf(engine.untyped.send('x', { to: 'x' })).resolves.toEqualTypeOf<Sent | SentMany>();
  const other = createEngine({ store: memory, adapters: [], events: { ping } });
  // @ts-expect-error this engine has no invoice.paid
  bill(other);
});

test('a function that takes an engine need not know its store', () => {
  const any = (whole: Engine<typeof events>) => whole.send('ping', { to: 'x' });
  any(plain);
  any(engine);
  any(engine.for({ tenant: 'acme' }));
  any(createEngine({ store: joining, adapters: [ses, matrixOrg], events }));
  const writes = (whole: Engine<typeof events, Transaction>) => whole.send('ping', { to: 'x', transaction });
  writes(engine);
  // @ts-expect-error its store joins none
  writes(plain);
  // @ts-expect-error its transactions are of another kind
  writes(createEngine({ store: {} as Store<Date>, adapters: [ses, matrixOrg], events }));
  engine.transaction(async (begun) => expectTypeOf(begun).toEqualTypeOf<Transaction>());
  plain.transaction(async (begun) => expectTypeOf(begun).toBeUnknown());
  // @ts-expect-error takes no options
  engine.transaction(async () => {}, { isolation: 'serializable' });
});

test('a listener knows the channels of an event', () => {
  engine.on('message.sent', (report) => {
    expectTypeOf(report.event).toEqualTypeOf<keyof typeof events>();
    if (report.event === 'welcome') expectTypeOf(report.channel).toEqualTypeOf<'email' | 'sms'>();
    if (report.event === 'comments') expectTypeOf(report.channel).toEqualTypeOf<'matrix'>();
  });
  engine.on('message.retrying', ({ delayMs, error }) => {
    expectTypeOf(delayMs).toEqualTypeOf<number>();
    expectTypeOf(error.code).toEqualTypeOf<string>();
  });
  expectTypeOf(engine.on('error', ({ error }) => error.code)).toEqualTypeOf<() => void>();
  // @ts-expect-error unknown report
  engine.on('message.snt', () => {});
});

test('broadcasts take lists, streams and resumable sources', () => {
  engine.broadcast('welcome', ['a@example.com'], { id: 'b1', payload });
  engine.broadcast('welcome', [{ to: 'a@example.com', payload }], { id: 'b1' });
  engine.broadcast('welcome', people(), { id: 'b1', payload, onProgress: ({ accepted }) => void accepted.toFixed() });
  engine.broadcast('welcome', resumable, { id: 'b1', payload });
  // @ts-expect-error needs an id
  engine.broadcast('welcome', ['a@example.com'], { payload });
  // @ts-expect-error wrong payload
  engine.broadcast('welcome', ['a@example.com'], { id: 'b1', payload: { company: 1 } });
  // @ts-expect-error a broadcast is its own key
  engine.broadcast('ping', ['U1'], { id: 'b1', idempotencyKey: 'x' });
});

async function* people(): AsyncGenerator<{ email: string }> {
  yield { email: 'a@example.com' };
}
async function* resumable(cursor: string | number | undefined): AsyncGenerator<{ to: string; cursor: number }> {
  yield { to: 'a@example.com', cursor: Number(cursor ?? 0) + 1 };
}

test('readers', () => {
  expectTypeOf(engine.notifications.get('x')).resolves.toHaveProperty('messages');
  expectTypeOf(engine.contacts.find('x')).resolves.exclude<undefined>().toHaveProperty('createdAt');
  // @ts-expect-error unknown status
  engine.messages.list({ status: 'sending' });
});

test('cancel knows the events, and takes one recipient or one key', () => {
  expectTypeOf(engine.cancel('welcome', { to: 'jane@example.com' })).resolves.toEqualTypeOf<Stopped>();
  expectTypeOf(engine.cancel('comments', { to: { matrixId: '@jane:example.org' } })).resolves.toEqualTypeOf<Stopped>();
  engine.cancel('welcome', { to: 'jane@example.com', transaction });
  engine.cancel('welcome', { idempotencyKey: 'signup-42', transaction });
  engine.cancel('welcome', { to: 'jane@example.com', transaction: 'none' });
  engine.untyped.cancel('whatever', { to: 'jane@example.com', transaction });
  // @ts-expect-error beside `to`
  engine.cancel('welcome', { to: 'jane@example.com' }, { transaction });
  // @ts-expect-error a pool would commit on its own
  engine.cancel('welcome', { to: 'jane@example.com', transaction: pool });
  engine.notifications.cancel('id');
  // @ts-expect-error no such event
  engine.cancel('welcom', { to: 'jane@example.com' });
  // @ts-expect-error which one?
  engine.cancel('welcome', {});
  // @ts-expect-error not both
  engine.cancel('welcome', { to: 'jane@example.com', idempotencyKey: 'signup-42' });
  // @ts-expect-error one recipient
  engine.cancel('welcome', { to: ['jane@example.com'] });
  // @ts-expect-error the store joins no transaction
  plain.cancel('welcome', { to: 'jane@example.com', transaction });
});

test('an export is plain data', async () => {
  const exported = await engine.contacts.export('jane@example.com');
  expectTypeOf(exported.contact.createdAt).toEqualTypeOf<string>();
  expectTypeOf(exported.notifications[0]?.completedAt).toEqualTypeOf<string | null | undefined>();
  expectTypeOf(exported.notifications[0]?.messages[0]?.timeline[0]?.at).toEqualTypeOf<string | undefined>();
  for await (const part of engine.contacts.exportParts('jane@example.com')) {
    if (part.kind === 'suppression') expectTypeOf(part.createdAt).toEqualTypeOf<string>();
  }
});
