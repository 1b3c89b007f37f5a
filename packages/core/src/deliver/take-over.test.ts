import { describe, expect, test } from 'vitest';
import { events, messageOf, type Trial, trial } from '../../test/engine-trial.ts';
import { type ClaimedMessage, captureAdapter, defineEvent, type Sent, type Store, TidingsError } from '../index.ts';

const to = 'jane@example.com';
const leaseMs = 45_000;
const otherMailer = captureAdapter({ name: 'other', channel: 'email' });
const lost = 'The process that held this message ended before it said what came of the call.';

/** A message that another process leased. */
async function leasedElsewhere(on: Trial): Promise<{ sent: Sent; message: ClaimedMessage['message'] }> {
  const producer = trial({ store: on.store, clock: on.clock, role: 'producer' });
  const sent = await producer.one('mail', { to });
  const { messages } = await on.store.claim({ lanes: [{ lane: 'mailer', limit: 1 }], leaseMs });
  if (!messages[0]) throw new Error('Nothing was claimed.');
  return { sent, message: messages[0].message };
}

describe('a lease that lapsed', () => {
  test('is taken again, not before, and counts as an attempt whose outcome is unknown', async () => {
    const on = trial();
    const { sent } = await leasedElsewhere(on);
    await on.engine.start();
    await on.clock.advance(leaseMs - 1);
    expect(on.email.messages).toEqual([]);
    await on.clock.advance(1);
    expect(on.email.messages.map(({ call }) => call.attempt)).toEqual([2]);
    const trace = await messageOf(on, sent);
    expect(trace).toMatchObject({ status: 'sent', attempts: 2 });
    expect(trace.timeline.map(({ event, attempt, outcome, reason }) => [event, attempt, outcome, reason])).toEqual([
      ['queued', undefined, undefined, undefined],
      ['attempt', 1, 'unknown', lost],
      ['attempt', 2, 'accepted', undefined],
      ['sent', undefined, undefined, undefined],
    ]);
  });

  test('is written as an attempt before the next call begins, which its process may not survive', async () => {
    const seen: unknown[] = [];
    const on = trial({
      answer: async () => {
        const { items } = await on.store.listMessages({ scope: 1, limit: 1 });
        for (const { attempts, callingAt, leaseUntil, timeline } of items) {
          seen.push({
            attempts,
            callingAt,
            left: Number(leaseUntil) - on.clock.now(),
            events: timeline.map(({ event }) => event),
          });
        }
        return { outcome: 'accepted' };
      },
    });
    const { sent } = await leasedElsewhere(on);
    await on.engine.start();
    await on.clock.advance(leaseMs);
    expect(seen).toEqual([{ attempts: 1, callingAt: null, left: leaseMs, events: ['queued', 'attempt'] }]);
    expect(await messageOf(on, sent)).toMatchObject({ status: 'sent', attempts: 2, content: { subject: 'Hi' } });
  });

  test('is written down before the next call begins, so that no attempt is made twice', async () => {
    const on = trial();
    const { message } = await leasedElsewhere(on);
    on.email.fail(() => new Promise(() => {}));
    await on.engine.start();
    await on.clock.advance(leaseMs);
    expect(on.email.messages.map(({ call }) => call.attempt)).toEqual([2]);
    const { messages } = await on.store.load({ messages: [message] });
    expect(messages).toMatchObject([{ status: 'queued', attempts: 1 }]);
    expect(messages[0]?.timeline.map(({ event, attempt }) => [event, attempt])).toContainEqual(['attempt', 1]);
  });

  test('is written once, also when the store does not say that it was', async () => {
    const on = trial();
    const { sent } = await leasedElsewhere(on);
    let lost = 0;
    const store: Store = {
      ...on.store,
      async commit(work) {
        const result = await on.store.commit(work);
        if (work.kind !== 'settle' || lost > 0) return result;
        lost += 1;
        throw new TidingsError('STORE_UNAVAILABLE', 'The answer was lost.', {
          retryable: true,
          details: { outcome: 'unknown' },
        });
      },
    };
    const holder = trial({ store, clock: on.clock, adapters: [on.email] });
    await holder.engine.start();
    await on.clock.advance(leaseMs);
    await on.clock.advance(1000);
    expect(lost).toBe(1);
    expect(await messageOf(on, sent)).toMatchObject({ status: 'sent', attempts: 2 });
  });

  test('of the last attempt ends the message as unknown, without a call', async () => {
    const on = trial();
    const { sent } = await leasedElsewhere(on);
    for (let attempt = 1; attempt < 5; attempt += 1) {
      await on.clock.advance(leaseMs);
      // Whoever takes it counts what was lost before, and is lost as well.
      const { messages } = await on.store.claim({ lanes: [{ lane: 'mailer', limit: 1 }], leaseMs });
      const [claimed] = messages;
      if (!claimed) throw new Error('Nothing was claimed.');
      const { scope, id, epoch, lane } = claimed.message;
      await on.store.commit({
        kind: 'settle',
        reads: {},
        decide: () => ({
          writes: {
            messages: {
              update: [{ ...blank, scope, id, epoch, lane, attempts: attempt, calling: true, leaseIn: leaseMs }],
            },
          },
          result: undefined,
        }),
      });
    }
    await on.engine.start();
    await on.clock.advance(leaseMs);
    expect(await messageOf(on, sent)).toMatchObject({ status: 'unknown', attempts: 5, error: { message: lost } });
    expect(on.email.messages).toEqual([]);
    expect(on.reported.map(({ name }) => name)).toEqual(['message.unknown', 'notification.completed']);
  });

  const blank = {
    status: 'queued',
    dueIn: null,
    provider: null,
    providerId: null,
    reason: null,
    errorCode: null,
    error: null,
    language: 'en',
    reached: [],
    timeline: [],
  } as const;

  test('with `hold`: before the call it is claimed again without counting', async () => {
    const on = trial({ delivery: { unknown: { email: 'hold' } } });
    const { sent } = await leasedElsewhere(on);
    await on.engine.start();
    await on.clock.advance(leaseMs);
    expect(await messageOf(on, sent)).toMatchObject({ status: 'sent', attempts: 1 });
  });

  test('with `hold`: once a call may have begun it is the end', async () => {
    const on = trial({ delivery: { unknown: { email: 'hold' } } });
    const { sent, message } = await leasedElsewhere(on);
    const { scope, id, epoch, lane } = message;
    await on.store.commit({
      kind: 'settle',
      reads: {},
      decide: () => ({
        writes: {
          messages: { update: [{ ...blank, scope, id, epoch, lane, attempts: 0, calling: true, leaseIn: leaseMs }] },
        },
        result: undefined,
      }),
    });
    await on.engine.start();
    await on.clock.advance(leaseMs);
    expect(await messageOf(on, sent)).toMatchObject({
      status: 'unknown',
      attempts: 1,
      error: { code: 'PROVIDER_TIMEOUT' },
    });
    expect(on.email.messages).toEqual([]);
  });

  test.each([
    ['the event', { delivery: { unknown: { email: 'hold' } }, events: { text: events.text as never } }, 1],
    ['the event, nor that it is held', { events: { text: events.text as never } }, 1],
    ['the adapter', { delivery: { unknown: { email: 'hold' } }, adapters: [otherMailer] }, 86_400_001],
  ] as const)('whose call had begun is the end also where %s is not known', async (_, options, wait) => {
    const on = trial();
    const { sent, message } = await leasedElsewhere(on);
    const { scope, id, epoch, lane } = message;
    await on.store.commit({
      kind: 'settle',
      reads: {},
      decide: () => ({
        writes: {
          messages: { update: [{ ...blank, scope, id, epoch, lane, attempts: 0, calling: true, leaseIn: leaseMs }] },
        },
        result: undefined,
      }),
    });
    await on.clock.advance(leaseMs + wait);
    const other = trial({ store: on.store, clock: on.clock, ...options });
    await other.engine.start();
    await other.engine.idle();
    expect(await messageOf(on, sent)).toMatchObject({ status: 'unknown', attempts: 1 });
  });

  test('whose holder was only slow: what the holder says then changes nothing', async () => {
    let answer: () => void = () => {};
    const slow = trial({
      answer: () =>
        new Promise((resolve) => {
          answer = () => resolve({ outcome: 'rejected', reason: 'late' });
        }),
    });
    const sent = await slow.one('mail', { to });
    await slow.clock.advance(0);
    // Its rows moved on as if the lease had lapsed, while its call still runs.
    const { items } = await slow.store.listMessages({ scope: 1, limit: 1 });
    const [row] = items;
    if (!row) throw new Error('There is no message.');
    await slow.store.commit({
      kind: 'settle',
      reads: {},
      decide: () => ({
        writes: {
          messages: {
            update: [
              {
                ...blank,
                status: 'sent',
                scope: 1,
                id: row.id,
                epoch: row.epoch,
                lane: row.lane,
                attempts: 2,
                calling: false,
                leaseIn: null,
              },
            ],
          },
        },
        result: undefined,
      }),
    });
    answer();
    await slow.clock.advance(0);
    expect(await messageOf(slow, sent)).toMatchObject({ status: 'sent', attempts: 2 });
    expect(slow.reported).toEqual([]);
  });
});

describe('a message whose recipient was erased while another held it', () => {
  test('goes to nobody', async () => {
    const on = trial();
    const { sent } = await leasedElsewhere(on);
    expect(await on.engine.contacts.delete(to)).toEqual({ cancelled: 0, alreadyHandedOver: 1 });
    await on.engine.start();
    await on.clock.advance(leaseMs + 1000);
    expect(on.email.messages).toEqual([]);
    expect(await messageOf(on, sent)).toMatchObject({ status: 'cancelled', address: null });
    expect(await on.engine.notifications.get(sent.id)).toMatchObject({ status: 'stopped' });
    expect(on.reported.map(({ name }) => name)).toEqual(['message.cancelled', 'notification.stopped']);
  });
});

describe('a row this process does not know', () => {
  const day = 86_400_000;

  test('by event is left to others for 5 s at a time, and fails after a day', async () => {
    const producer = trial({ role: 'producer' });
    const sent = await producer.one('text', { to: '+46701234567' });
    const { mail } = events;
    const on = trial({
      store: producer.store,
      clock: producer.clock,
      events: { mail: mail as never },
      delivery: { pollMs: 3_600_000 },
    });
    await on.engine.start();
    await on.engine.idle();
    const said = 'warn Event "text", step "send" is not known to this process; left for another.';
    expect(on.logged).toEqual([said]);
    await on.clock.advance(4999);
    expect(on.logged).toHaveLength(1);
    await on.clock.advance(1);
    expect(on.logged).toEqual([said, said]);
    expect(await messageOf(on, sent)).toMatchObject({ status: 'queued', attempts: 0 });
    expect(on.reported).toEqual([]);
    const knowing = trial({ store: producer.store, clock: producer.clock, role: 'producer' });
    expect(await messageOf(knowing, sent)).toMatchObject({ status: 'queued' });
  });

  test('by event fails once a day has passed', async () => {
    const producer = trial({ role: 'producer' });
    const sent = await producer.one('text', { to: '+46701234567' });
    await producer.clock.advance(day + 1);
    const on = trial({ store: producer.store, clock: producer.clock, events: { mail: events.mail as never } });
    await on.engine.start();
    await on.engine.idle();
    expect(await messageOf(on, sent)).toMatchObject({
      status: 'failed',
      error: {
        code: 'EVENT_NOT_FOUND',
        message: 'Event "text", step "send" is not known to this process, nor was it to any other for a day.',
      },
    });
  });

  test('by adapter is left alone for a day, then fails and is reported', async () => {
    const producer = trial({ role: 'producer' });
    const sent = await producer.one('text', { to: '+46701234567' });
    const mailOnly = { events: { mail: events.mail as never }, adapters: [] };
    const other = { ...producer.sms, name: 'other-texter' };
    const on = trial({ store: producer.store, clock: producer.clock, ...mailOnly, adapters: [other] });
    await on.engine.start();
    await on.engine.idle();
    expect(await messageOf(on, sent)).toMatchObject({ status: 'queued' });
    await on.engine.stop();
    await producer.clock.advance(day + 1);
    const later = trial({ store: producer.store, clock: producer.clock, adapters: [other] });
    await later.engine.start();
    await later.engine.idle();
    const message = 'No process has had the adapter "texter" for a day.';
    expect(await messageOf(later, sent)).toMatchObject({
      status: 'failed',
      error: { code: 'INTEGRATION_MISSING', message },
    });
    expect(later.logged).toEqual([`error ${message}`]);
    expect(later.reported.map(({ name }) => name)).toEqual(['message.failed', 'notification.failed']);
  });
});

describe('a message that is no longer of use', () => {
  test('is not sent', async () => {
    const expiring = defineEvent({ templates: { email: { en: { subject: 'x', text: 'x' } } }, expiresIn: '1 minute' });
    const producer = trial({ role: 'producer', events: { expiring } });
    const [first, second] = [await producer.one('expiring', { to }), await producer.one('expiring', { to })];
    const on = trial({
      store: producer.store,
      clock: producer.clock,
      events: { expiring },
      answer: { outcome: 'retry', reason: 'x', afterMs: 60_000 },
    });
    await on.engine.start();
    await on.engine.idle();
    expect(on.email.messages).toHaveLength(2);
    await on.clock.advance(60_000);
    expect(on.email.messages).toHaveLength(2);
    for (const sent of [first, second]) {
      expect(await messageOf(on, sent)).toMatchObject({
        status: 'failed',
        attempts: 1,
        error: { code: 'EXPIRED', message: 'It was no longer of use when its turn came.' },
      });
    }
  });
});
