import { describe, expect, test } from 'vitest';
import { events, messageOf, refusal, trial } from '../test/engine-trial.ts';
import { settle } from '../test/manual-clock.ts';
import {
  captureAdapter,
  createEngine,
  inProcessQueue,
  memoryStore,
  type Sent,
  type Store,
  TidingsError,
} from './index.ts';

const to = 'jane@example.com';
const numbered = (count: number): string[] => Array.from({ length: count }, (_, index) => `p${index}@example.com`);

describe('starting', () => {
  test('happens with the first send', async () => {
    const on = trial();
    await on.done('mail', { to });
    expect(on.email.messages).toHaveLength(1);
  });

  test('waits for `start` where asked to; reading starts nothing', async () => {
    const on = trial({ autoStart: false });
    const sent = await on.one('mail', { to });
    await on.engine.notifications.get(sent.id);
    await on.clock.advance(10_000);
    expect(on.email.messages).toEqual([]);
    await Promise.all([on.engine.start(), on.engine.start()]);
    await on.engine.idle();
    await on.engine.start();
    expect(on.email.messages).toHaveLength(1);
  });

  test('opens nothing at creation', () => {
    const store = { ...memoryStore(), migrate: () => Promise.reject(new Error('too early')) };
    createEngine({ store, adapters: [], events: {} });
  });

  test('with a store that is away fails, and works once it is back', async () => {
    const store = memoryStore();
    let away = true;
    const { migrate } = store;
    store.migrate = async () => {
      if (away) throw new TidingsError('STORE_UNAVAILABLE', 'The database is away.', { retryable: true });
      return migrate();
    };
    const on = trial({ store });
    expect(await refusal(() => on.one('mail', { to }))).toMatchObject({ code: 'STORE_UNAVAILABLE' });
    away = false;
    await on.done('mail', { to });
    expect(on.email.messages).toHaveLength(1);
  });
});

describe('a store that goes away', () => {
  function flaky(): { store: Store; away: boolean; claims: number } {
    const inner = memoryStore();
    const state = { store: inner, away: false, claims: 0 };
    const { commit, claim } = inner;
    const check = (): void => {
      if (state.away) throw new TidingsError('STORE_UNAVAILABLE', 'The database is away.', { retryable: true });
    };
    inner.commit = async (work, options) => {
      check();
      return commit(work, options);
    };
    inner.claim = async (request) => {
      state.claims += 1;
      check();
      return claim(request);
    };
    return state;
  }

  test('rejects sends at once, and is polled no more often than before', async () => {
    const state = flaky();
    const on = trial({ store: state.store });
    await on.done('mail', { to });
    state.away = true;
    expect(await refusal(() => on.one('mail', { to }))).toMatchObject({ code: 'STORE_UNAVAILABLE' });
    state.claims = 0;
    await on.clock.advance(10_000);
    expect(state.claims).toBeLessThanOrEqual(11);
    expect(state.claims).toBeGreaterThan(5);
    expect(on.reported.filter(({ name }) => name === 'error')[0]).toMatchObject({
      during: 'claim',
      error: { code: 'STORE_UNAVAILABLE' },
    });
    state.away = false;
    await on.done('mail', { to });
    expect(on.email.messages).toHaveLength(2);
  });

  test('leaves idle waiting without asking in a loop', async () => {
    const state = flaky();
    const on = trial({ store: state.store });
    await on.engine.start();
    await on.engine.idle();
    state.away = true;
    state.claims = 0;
    let idle = false;
    const waiting = on.engine.idle().then(() => {
      idle = true;
    });
    await settle(200);
    expect([idle, state.claims]).toEqual([false, 1]);
    state.away = false;
    await on.clock.advance(1000);
    await waiting;
  });

  test('for a moment while scopes are looked up does not end the polling', async () => {
    const producer = trial({ role: 'producer' });
    await producer.one('mail', { to });
    const { scopeOf } = producer.store;
    let failures = 1;
    producer.store.scopeOf = async (scope) => {
      if (failures-- > 0) throw new TidingsError('STORE_UNAVAILABLE', 'The database is away.');
      return scopeOf(scope);
    };
    const on = trial({ store: producer.store, clock: producer.clock });
    await on.engine.start();
    await on.clock.advance(50_000);
    expect(on.email.messages).toHaveLength(1);
  });
});

describe('roles', () => {
  test('a producer never leases, and drains nothing', async () => {
    const producer = trial({ role: 'producer' });
    let claims = 0;
    const { claim } = producer.store;
    producer.store.claim = async (request) => {
      claims += 1;
      return claim(request);
    };
    await producer.engine.start();
    await producer.many('mail', { to: numbered(10) });
    await producer.engine.idle();
    await producer.clock.advance(30_000);
    const { items } = await producer.store.listMessages({ scope: 1, limit: 20 });
    expect(items.map(({ leaseUntil, dueAt }) => [leaseUntil, dueAt !== null])).toEqual(Array(10).fill([null, true]));
    expect(claims).toBe(0);
    expect(await refusal(() => producer.engine.drain())).toEqual({
      code: 'NOT_SUPPORTED',
      message: "engine.drain: an engine with the role 'producer' delivers nothing.",
    });
  });

  test('a worker delivers what a producer accepted', async () => {
    const producer = trial({ role: 'producer' });
    await producer.many('mail', { to: numbered(10) });
    const worker = trial({ role: 'worker', store: producer.store, clock: producer.clock });
    await worker.engine.start();
    await worker.engine.idle();
    expect([producer.email.messages.length, worker.email.messages.length]).toEqual([0, 10]);
  });

  test('a worker is woken by the queue, before its poll', async () => {
    const queue = inProcessQueue();
    const publishing = { ...queue, consume: async () => async () => {}, close: async () => {} };
    const producer = trial({ role: 'producer', queue: publishing });
    const worker = trial({ role: 'worker', queue, store: producer.store, clock: producer.clock });
    await worker.engine.start();
    await worker.engine.idle();
    await producer.one('mail', { to });
    await settle();
    expect(worker.email.messages).toHaveLength(1);
  });

  test('a queue that is away is logged once an outage; the poll finds the rows', async () => {
    let away = true;
    const queue = {
      ...inProcessQueue(),
      publish: () => (away ? Promise.reject(new Error('away')) : Promise.resolve()),
    };
    const producer = trial({ role: 'producer', queue });
    const warning = 'warn Wake-ups could not be published; the due poll finds the rows.';
    for (let round = 0; round < 3; round += 1) await producer.one('mail', { to });
    await settle();
    expect(producer.logged).toEqual([warning]);
    away = false;
    await producer.one('mail', { to });
    await settle();
    away = true;
    await producer.one('mail', { to });
    await settle();
    expect(producer.logged).toEqual([warning, warning]);
  });
});

describe('tenants and modes', () => {
  test('are worlds of their own', async () => {
    const on = trial();
    const acme = on.engine.for({ tenant: 'acme' });
    const sent = (await acme.untyped.send('mail', { to: { email: to, name: 'Hers' } })) as Sent;
    await on.one('mail', { to: { email: to, name: 'Ours' } });
    await on.engine.idle();
    expect(on.email.messages.map(({ scope, toName }) => [scope, toName])).toEqual([
      [{ tenant: 'acme', mode: 'live' }, 'Hers'],
      [{ tenant: 'default', mode: 'live' }, 'Ours'],
    ]);
    expect(await refusal(() => on.engine.notifications.get(sent.id))).toMatchObject({ code: 'NOT_FOUND' });
    expect(await acme.notifications.get(sent.id)).toMatchObject({ contact: { name: 'Hers' } });
    expect((await acme.contacts.list()).items).toHaveLength(1);
    expect(on.reported.filter(({ name }) => name === 'message.sent')).toHaveLength(1);
  });

  test('the mode `test` captures: no adapter is called', async () => {
    const on = trial();
    const test = on.engine.for({ mode: 'test' });
    const sent = (await test.untyped.send('any', { to })) as Sent;
    await on.engine.idle();
    expect(on.email.messages).toEqual([]);
    expect(await messageOf({ engine: test }, sent)).toMatchObject({
      status: 'sent',
      adapter: 'capture.email',
      content: { subject: 'Hi' },
    });
    expect((await test.integrations.list({ channel: 'email' })).map(({ sends }) => sends)).toEqual([false]);
    expect((await on.engine.integrations.list({ channel: 'email' })).map(({ sends }) => sends)).toEqual([true]);
  });

  test('the mode `test` needs neither adapter nor sender', async () => {
    const engine = createEngine({ store: memoryStore(), adapters: [], events, missingAdapter: 'skip' });
    const inTest = engine.for({ mode: 'test' });
    const sent = (await inTest.untyped.send('any', { to })) as Sent;
    await engine.idle();
    expect(await messageOf({ engine: inTest }, sent)).toMatchObject({ status: 'sent' });
    expect(await refusal(() => engine.untyped.send('any', { to }))).toMatchObject({ code: 'INTEGRATION_MISSING' });
    await engine.stop();
  });

  test('keep what is not named', async () => {
    const on = trial();
    const inTest = on.engine.for({ tenant: 'acme' }).for({ mode: 'test' });
    await inTest.contacts.upsert({ email: to });
    expect((await on.engine.for({ tenant: 'acme', mode: 'test' }).contacts.list()).items).toHaveLength(1);
  });

  test.each<[object, string]>([
    [{ tenant: '' }, 'engine.for: tenant must be 1 to 255 bytes.'],
    [{ tenant: 'å'.repeat(128) }, 'engine.for: tenant must be 1 to 255 bytes.'],
    [{ tenant: 'a\0' }, 'engine.for: tenant must be 1 to 255 bytes.'],
    [{ mode: 'prod' }, "engine.for: mode must be 'live' or 'test'."],
    [{ tennant: 'acme' }, 'engine.for: tennant is no option; there are tenant, mode.'],
    [{ tenant: undefined }, 'engine.for: tenant is undefined; leave it out to keep the one of this engine.'],
    ['acme' as never, "engine.for: scope must be an object such as { tenant: 'acme' }."],
    [undefined as never, "engine.for: scope must be an object such as { tenant: 'acme' }."],
  ])('%o is refused', async (scope, message) => {
    const on = trial();
    expect(await refusal(() => on.engine.for(scope as never))).toMatchObject({ code: 'VALIDATION_ERROR', message });
  });
});

test('of two adapters the first gets the messages, and nobody is warned', async () => {
  const first = captureAdapter({ name: 'first', channel: 'email' });
  const second = captureAdapter({ name: 'second', channel: 'email' });
  const on = trial({ adapters: [first, second] });
  expect(on.logged).toEqual([]);
  await on.done('mail', { to });
  expect([first.messages.length, second.messages.length]).toEqual([1, 0]);
});

test('engine.transaction reads no options, and says so', async () => {
  const { transaction } = trial().engine as unknown as { transaction(...given: unknown[]): Promise<unknown> };
  let ran = false;
  const run = async (): Promise<void> => {
    ran = true;
  };
  expect(await refusal(() => transaction(run, { isolation: 'serializable' }))).toEqual({
    code: 'VALIDATION_ERROR',
    message:
      'engine.transaction takes no further argument: to begin one with options, do so yourself and pass it as `transaction`.',
    path: 'options',
  });
  expect(ran).toBe(false);
  expect(await refusal(() => transaction(run))).toMatchObject({ code: 'NOT_SUPPORTED' });
});

test('a logger that throws harms nothing', async () => {
  const full = (): void => {
    throw new Error('full');
  };
  const adapters = [
    captureAdapter({ name: 'first', channel: 'email' }),
    captureAdapter({ name: 'b', channel: 'email' }),
  ];
  // Without secrets the engine has something to say while it opens.
  const secrets = undefined as never;
  const on = trial({ adapters, secrets, log: { debug: full, info: full, warn: full, error: full } });
  on.engine.on('message.sent', full);
  const sent = await on.done('mail', { to });
  expect(await messageOf(on, sent)).toMatchObject({ status: 'sent' });
});

test('accepting leaves other lanes their room', async () => {
  const on = trial({ adapters: [{ ...captureAdapter({ name: 'only', channel: 'sms' }), lane: { slots: 1 } }] });
  await on.engine.start();
  await on.engine.idle();
  const { commit } = on.store;
  let release = (): void => {};
  const hold = new Promise<void>((resolve) => {
    release = resolve;
  });
  on.store.commit = async (work, options) => {
    if (work.kind === 'accept') await hold;
    return commit(work, options);
  };
  const sending = on.one('mail', { to });
  await settle();
  const producer = trial({
    role: 'producer',
    store: { ...on.store, commit },
    clock: on.clock,
    adapters: [captureAdapter({ name: 'only', channel: 'sms' })],
  });
  const text = await producer.one('text', { to: '+46701234567' });
  await on.clock.advance(1000);
  expect(await messageOf(on, text)).toMatchObject({ status: 'sent' });
  release();
  await sending;
});
