import { describe, expect, test } from 'vitest';
import { messageOf, refusal, type Trial, type TrialOptions, trial } from '../../test/engine-trial.ts';
import { manualClock, settle } from '../../test/manual-clock.ts';
import { captureAdapter, defineEvent, memoryStore, type Outcome, type Store, TidingsError } from '../index.ts';

const jane = 'jane@example.com';
const busy: Outcome = { outcome: 'retry', reason: 'busy' };

/** An engine whose e-mail calls wait to be answered. */
function slow(options: TrialOptions = {}): Trial & { answer(outcome: Outcome): Promise<void> } {
  const waiting: ((outcome: Outcome) => void)[] = [];
  const on = trial({ ...options, answer: () => new Promise((resolve) => waiting.push(resolve)) });
  return {
    ...on,
    async answer(outcome) {
      for (const tell of waiting.splice(0)) tell(outcome);
      await settle();
    },
  };
}

describe('engine.cancel', () => {
  test('stops what waits for one recipient and event, and nothing else', async () => {
    const on = trial({ answer: busy });
    const waiting = [await on.done('mail', { to: jane }), await on.done('mail', { to: jane })];
    const other = await on.done('mail', { to: 'joe@example.com' });
    const elsewhere = await on.done('any', { to: jane });
    on.reported.length = 0;
    expect(await on.engine.cancel('mail', { to: jane })).toEqual({ cancelled: 2, alreadyHandedOver: 0 });
    for (const sent of waiting) {
      expect(await on.engine.notifications.get(sent.id)).toMatchObject({ status: 'stopped' });
      const trace = await messageOf(on, sent);
      expect(trace).toMatchObject({ status: 'cancelled', attempts: 1 });
      expect(trace.timeline.at(-1)).toMatchObject({ event: 'cancelled' });
    }
    expect(await messageOf(on, other)).toMatchObject({ status: 'queued' });
    expect(await messageOf(on, elsewhere)).toMatchObject({ status: 'queued' });
    expect(on.reported.map(({ name }) => name).sort()).toEqual([
      'message.cancelled',
      'message.cancelled',
      'notification.stopped',
      'notification.stopped',
    ]);
    const before = on.email.messages.length;
    on.email.fail();
    await on.clock.advance(120_000);
    expect(
      on.email.messages
        .slice(before)
        .map(({ to }) => to)
        .sort(),
    ).toEqual([jane, 'joe@example.com']);
    expect(await on.engine.cancel('mail', { to: jane })).toEqual({ cancelled: 0, alreadyHandedOver: 0 });
  });

  test('goes through more than a page of them', async () => {
    const on = trial({ role: 'producer' });
    await on.many('mail', { to: Array.from({ length: 450 }, () => jane) });
    expect(await on.engine.cancel('mail', { to: jane })).toEqual({ cancelled: 450, alreadyHandedOver: 0 });
    expect((await on.engine.messages.list({ status: 'queued' })).items).toEqual([]);
  });

  test('by idempotency key: what that send made, in its event', async () => {
    const on = trial({ role: 'producer' });
    await on.one('mail', { to: jane, idempotencyKey: 'one' });
    await on.one('mail', { to: jane, idempotencyKey: 'two' });
    const { accepted } = await on.many('mail', { to: [jane, 'joe@example.com'], idempotencyKey: 'both' });
    expect(await on.engine.cancel('mail', { idempotencyKey: 'both' })).toEqual({ cancelled: 2, alreadyHandedOver: 0 });
    for (const { id } of accepted) expect((await on.engine.notifications.get(id)).status).toBe('stopped');
    expect(await on.engine.cancel('any', { idempotencyKey: 'one' })).toEqual({ cancelled: 0, alreadyHandedOver: 0 });
    expect(await on.engine.cancel('mail', { idempotencyKey: 'one' })).toEqual({ cancelled: 1, alreadyHandedOver: 0 });
    expect((await on.engine.messages.list({ status: 'queued' })).items).toHaveLength(1);
  });

  test('what is sent to an address nobody is behind', async () => {
    const on = trial({ role: 'producer' });
    await on.one('post', { to: '#general' });
    await on.one('post', { to: '#random' });
    expect(await on.engine.cancel('post', { to: '#general' })).toEqual({ cancelled: 1, alreadyHandedOver: 0 });
  });

  test('one notification by its id', async () => {
    const on = trial({ role: 'producer' });
    const sent = await on.one('mail', { to: jane });
    await on.one('mail', { to: jane });
    expect(await on.engine.notifications.cancel(sent.id)).toEqual({ cancelled: 1, alreadyHandedOver: 0 });
    expect(await on.engine.notifications.cancel(sent.id)).toEqual({ cancelled: 0, alreadyHandedOver: 0 });
    const { engine } = on;
    for (const id of ['no id', crypto.randomUUID()]) {
      expect(await refusal(() => engine.notifications.cancel(id))).toMatchObject({ code: 'NOT_FOUND', path: 'id' });
    }
    expect(await refusal(() => engine.for({ tenant: 'other' }).notifications.cancel(sent.id))).toMatchObject({
      code: 'NOT_FOUND',
    });
  });

  test('never creates anybody, and stays in its tenant', async () => {
    const on = trial({ role: 'producer' });
    await on.one('mail', { to: jane });
    const nothing = { cancelled: 0, alreadyHandedOver: 0 };
    expect(await on.engine.for({ tenant: 'other' }).cancel('mail', { to: jane })).toEqual(nothing);
    expect(await on.engine.untyped.cancel('mail', { to: 'user-42' })).toEqual(nothing);
    expect(await on.engine.untyped.cancel('mail', { to: { email: 'new@example.com' } })).toEqual(nothing);
    expect((await on.engine.contacts.list()).items).toHaveLength(1);
  });

  test.each<[string, unknown, string, string]>([
    ['mial', { to: jane }, 'EVENT_NOT_FOUND', 'event'],
    ['mail', {}, 'VALIDATION_ERROR', 'which'],
    ['mail', undefined, 'VALIDATION_ERROR', 'which'],
    ['mail', { to: jane, idempotencyKey: 'k' }, 'VALIDATION_ERROR', 'which'],
    ['mail', { to: jane, transactoin: 'none' }, 'VALIDATION_ERROR', 'which'],
    ['mail', { to: jane, transaction: {} }, 'VALIDATION_ERROR', 'transaction'],
    ['mail', { to: [jane] }, 'VALIDATION_ERROR', 'to'],
    ['mail', { to: 'jane@' }, 'INVALID_EMAIL', 'to'],
  ])('refuses %s %j', async (event, which, code, path) => {
    const on = trial();
    expect(await refusal(() => on.engine.untyped.cancel(event, which as never))).toMatchObject({ code, path });
  });
});

test('cancel lists the events there are', async () => {
  const on = trial();
  const said = await refusal(() => on.engine.untyped.cancel('mial', { to: jane }));
  const known = on.engine.events.list().map(({ event }) => event);
  expect(said.message).toBe(`Event "mial" is not defined; there are ${known.join(', ')}.`);
});

test('cancel reads no third argument, and says where the transaction stands', async () => {
  const on = trial({ role: 'producer' });
  await on.one('mail', { to: jane });
  const call = on.engine.untyped.cancel as (...given: unknown[]) => Promise<unknown>;
  expect(await refusal(() => call('mail', { to: jane }, { transaction: {} }))).toEqual({
    code: 'VALIDATION_ERROR',
    message: 'cancel takes no further argument: transaction stands beside `to` or `idempotencyKey`.',
    path: 'options',
  });
  expect((await on.engine.messages.list({ status: 'queued' })).items).toHaveLength(1);
});

describe('a message that is being called for', () => {
  test('is counted as handed over, and no retry follows when it fails', async () => {
    const on = slow();
    const sent = await on.one('mail', { to: jane });
    await settle();
    expect(await on.engine.cancel('mail', { to: jane })).toEqual({ cancelled: 0, alreadyHandedOver: 1 });
    expect((await on.engine.notifications.get(sent.id)).status).toBe('stopped');
    await on.answer(busy);
    await on.engine.idle();
    const trace = await messageOf(on, sent);
    expect(trace).toMatchObject({ status: 'cancelled', attempts: 1, adapter: 'mailer' });
    expect(trace.timeline.map(({ event }) => event)).toEqual(['queued', 'attempt', 'cancelled']);
    expect(on.reported.map(({ name }) => name)).toEqual(['notification.stopped', 'message.cancelled']);
    await on.clock.advance(120_000);
    expect(on.email.messages).toHaveLength(1);
  });

  test('is sent when it succeeds', async () => {
    const on = slow();
    const sent = await on.one('mail', { to: jane });
    await settle();
    await on.engine.cancel('mail', { to: jane });
    await on.answer({ outcome: 'accepted' });
    await on.engine.idle();
    expect(await messageOf(on, sent)).toMatchObject({ status: 'sent' });
    expect((await on.engine.notifications.get(sent.id)).status).toBe('stopped');
  });

  test('ends as unknown when nobody can say whether it arrived', async () => {
    const on = slow();
    const sent = await on.one('mail', { to: jane });
    await settle();
    await on.engine.cancel('mail', { to: jane });
    await on.answer({ outcome: 'unknown', reason: 'reset' });
    await on.engine.idle();
    expect(await messageOf(on, sent)).toMatchObject({ status: 'unknown', attempts: 1 });
    await on.clock.advance(120_000);
    expect(on.email.messages).toHaveLength(1);
  });

  test.each(['retry', 'hold'] as const)('is not called again when its holder died, with `%s`', async (unknown) => {
    const clock = manualClock();
    const store = memoryStore({ now: clock.now });
    const on = trial({ store, clock, delivery: { unknown: { email: unknown } }, autoStart: false });
    const sent = await on.one('mail', { to: jane });
    await store.claim({ lanes: [{ lane: 'mailer', limit: 1 }], leaseMs: 45_000 });
    await clock.advance(50_000);
    expect(await on.engine.cancel('mail', { to: jane })).toEqual({ cancelled: 0, alreadyHandedOver: 1 });
    expect((await on.engine.notifications.get(sent.id)).status).toBe('stopped');
    await on.engine.start();
    await on.engine.idle();
    expect(on.email.messages).toEqual([]);
    // With `hold` nothing was marked, so nobody was called.
    expect((await messageOf(on, sent)).status).toBe(unknown === 'hold' ? 'cancelled' : 'unknown');
  });
});

describe('another adapter of the channel', () => {
  const stops = {
    cancel: (on: Trial) => on.engine.cancel('mail', { to: jane }),
    suppress: (on: Trial) => on.engine.suppressions.add({ address: jane }),
    erase: (on: Trial) => on.engine.contacts.delete(jane),
  };

  test.each([
    ['cancel', 'cancelled'],
    ['suppress', 'suppressed'],
    ['erase', 'cancelled'],
  ] as const)('does not take over after a stop: %s', async (stop, status) => {
    let fail: () => void = () => {};
    const first = captureAdapter({
      name: 'first',
      channel: 'email',
      outcome: () =>
        new Promise((resolve) => {
          fail = () => resolve({ outcome: 'retry', reason: 'down' });
        }),
    });
    const second = captureAdapter({ name: 'second', channel: 'email' });
    const on = trial({ adapters: [first, second] });
    const sent = await on.one('mail', { to: jane });
    await settle();
    expect(await stops[stop](on)).toEqual({ cancelled: 0, alreadyHandedOver: 1 });
    fail();
    await settle();
    await on.engine.idle();
    await on.clock.advance(120_000);
    await on.engine.idle();
    expect([first.messages.length, second.messages.length]).toEqual([1, 0]);
    expect((await messageOf(on, sent)).status).toBe(status);
  });

  test('would have taken over', async () => {
    const first = captureAdapter({ name: 'first', channel: 'email', outcome: busy });
    const second = captureAdapter({ name: 'second', channel: 'email' });
    const on = trial({ adapters: [first, second] });
    const sent = await on.done('mail', { to: jane });
    await on.clock.advance(120_000);
    await on.engine.idle();
    expect(second.messages).toHaveLength(1);
    expect(await messageOf(on, sent)).toMatchObject({ status: 'sent', adapter: 'second' });
  });
});

describe('a message this process holds and has not called for', () => {
  /** Its template renders when told, so that a job is held until then. */
  function holding(options: TrialOptions = {}): Trial & { render(): void } {
    let render: () => void = () => {};
    const told = new Promise<void>((resolve) => {
      render = resolve;
    });
    const text = async (): Promise<string> => {
      await told;
      return 'Text';
    };
    const slow = defineEvent({ templates: { email: { en: { subject: 'Hi', text } } } });
    return { ...trial({ ...options, events: { slow } }), render };
  }

  test('is taken back and never called', async () => {
    const on = holding();
    const sent = await on.one('slow', { to: jane });
    await settle();
    expect(await on.engine.cancel('slow', { to: jane })).toEqual({ cancelled: 1, alreadyHandedOver: 0 });
    on.render();
    await on.engine.idle();
    expect(on.email.messages).toEqual([]);
    expect(await messageOf(on, sent)).toMatchObject({ status: 'cancelled', attempts: 0 });
  });

  test('is taken back by a suppression too', async () => {
    const on = holding();
    const sent = await on.one('slow', { to: jane });
    await settle();
    expect(await on.engine.suppressions.add({ address: jane })).toEqual({ cancelled: 1, alreadyHandedOver: 0 });
    on.render();
    await on.engine.idle();
    expect(on.email.messages).toEqual([]);
    expect(await messageOf(on, sent)).toMatchObject({ status: 'suppressed', attempts: 0 });
  });

  test('and by an erasure', async () => {
    const on = holding();
    const sent = await on.one('slow', { to: jane });
    await settle();
    expect(await on.engine.contacts.delete(jane)).toEqual({ cancelled: 1, alreadyHandedOver: 0 });
    on.render();
    await on.engine.idle();
    expect(on.email.messages).toEqual([]);
    expect(await messageOf(on, sent)).toMatchObject({ status: 'cancelled', address: null });
  });

  test('is put back, no attempt counted, when the cancel cannot be written', async () => {
    const clock = manualClock();
    const store = memoryStore({ now: clock.now });
    let refuse = true;
    const broken: Store = {
      ...store,
      async commit(work, options) {
        if (refuse && work.kind === 'cancel') throw new TidingsError('STORE_UNAVAILABLE', 'away', { retryable: true });
        return store.commit(work, options);
      },
    };
    const on = holding({ store: broken, clock });
    const sent = await on.one('slow', { to: jane });
    await settle();
    expect(await refusal(() => on.engine.cancel('slow', { to: jane }))).toMatchObject({ code: 'STORE_UNAVAILABLE' });
    on.render();
    await settle();
    await on.clock.advance(2000);
    await on.engine.idle();
    expect(await messageOf(on, sent)).toMatchObject({ status: 'sent', attempts: 1 });
    expect(on.email.messages).toHaveLength(1);
    refuse = false;
    expect(await on.engine.cancel('slow', { to: jane })).toEqual({ cancelled: 0, alreadyHandedOver: 0 });
  });
});
