import { describe, expect, test } from 'vitest';
import { messageOf, type Trial, trial } from '../../test/engine-trial.ts';
import { type Answer, type ChannelAdapter, defineAdapter, type Outcome, TidingsError } from '../index.ts';

const to = 'jane@example.com';
// Half of a first wait of 10 s, four times as long each time.
const waits = [5000, 20_000, 80_000, 320_000];

describe('an outcome', () => {
  test.each<[string, Answer, object]>([
    [
      'accepted',
      { outcome: 'accepted', providerId: 'p-1', code: '250' },
      { status: 'sent', error: null, providerId: 'p-1' },
    ],
    [
      'rejected',
      { outcome: 'rejected', reason: 'no' },
      { status: 'failed', error: { code: 'PROVIDER_REJECTED', message: 'no' } },
    ],
    [
      'badAddress',
      { outcome: 'badAddress', reason: 'gone' },
      { status: 'failed', error: { code: 'BAD_ADDRESS', message: 'gone' } },
    ],
    [
      'retry',
      { outcome: 'retry', reason: 'busy' },
      { status: 'queued', error: { code: 'PROVIDER_UNAVAILABLE', message: 'busy' } },
    ],
    [
      'misconfigured',
      { outcome: 'misconfigured', reason: 'key' },
      { status: 'queued', error: { code: 'PROVIDER_MISCONFIGURED', message: 'key' } },
    ],
    [
      'unknown',
      { outcome: 'unknown', reason: 'late' },
      { status: 'queued', error: { code: 'PROVIDER_TIMEOUT', message: 'late' } },
    ],
    [
      'a throw',
      () => {
        throw new Error('ECONNRESET');
      },
      { status: 'queued', error: { code: 'PROVIDER_TIMEOUT', message: 'ECONNRESET' } },
    ],
    [
      'a rejection',
      async () => Promise.reject(new Error('EPIPE')),
      { status: 'queued', error: { code: 'PROVIDER_TIMEOUT', message: 'EPIPE' } },
    ],
    [
      'an error for good',
      () => {
        throw new TidingsError('PROVIDER_REJECTED', 'never');
      },
      { status: 'failed', error: { code: 'PROVIDER_REJECTED', message: 'never' } },
    ],
    ['nothing', () => undefined as never, { status: 'queued', error: { code: 'PROVIDER_TIMEOUT' } }],
    ['a reason with a NUL', { outcome: 'rejected', reason: 'a\0b' }, { status: 'failed', error: { message: 'a b' } }],
    ['an odd pause', { outcome: 'retry', reason: 'x', lane: { pauseMs: 1.5 } }, { status: 'queued' }],
  ])('%s', async (_, answer, row) => {
    const on = trial({ answer });
    const sent = await on.done('mail', { to });
    expect(await messageOf(on, sent)).toMatchObject({ attempts: 1, adapter: 'mailer', ...row });
    expect(on.reported.filter(({ name }) => name === 'error')).toEqual([]);
  });

  test('is traced, reported and ends the notification', async () => {
    const on = trial({
      answer: { outcome: 'accepted', providerId: 'p-1', refusedCopies: { count: 1, reason: 'no such user' } },
    });
    const sent = await on.done('mail', { to });
    const at = new Date(on.clock.now());
    const trace = await messageOf(on, sent);
    expect(trace.timeline).toEqual([
      { event: 'queued', at },
      {
        event: 'attempt',
        attempt: 1,
        adapter: 'mailer',
        outcome: 'accepted',
        providerId: 'p-1',
        refusedCopies: { count: 1, reason: 'no such user' },
        at,
      },
      { event: 'sent', at },
    ]);
    expect(trace.sentAt).toEqual(at);
    const scope = { tenant: 'default', mode: 'live' };
    const { contactId, id, notificationId } = trace;
    expect(on.reported).toEqual([
      {
        name: 'message.sent',
        scope,
        at,
        event: 'mail',
        channel: 'email',
        id,
        notificationId,
        contactId,
        step: 'send',
        adapter: 'mailer',
        attempt: 1,
        providerId: 'p-1',
      },
      { name: 'notification.completed', scope, at, event: 'mail', id: notificationId, contactId },
    ]);
  });

  test('that failed for good fails the notification', async () => {
    const on = trial({ answer: { outcome: 'rejected', reason: `550 ${to} unknown` } });
    const sent = await on.done('mail', { to });
    const error = { code: 'PROVIDER_REJECTED', message: '550 <address> unknown' };
    expect(on.reported).toMatchObject([
      { name: 'message.failed', error },
      { name: 'notification.failed', error },
    ]);
    expect(await on.engine.notifications.get(sent.id)).toMatchObject({ status: 'failed' });
  });

  test('badAddress suppresses the address on its channel', async () => {
    const on = trial({ answer: { outcome: 'badAddress', reason: 'gone' } });
    await on.done('mail', { to });
    expect(await on.engine.suppressions.check({ address: to })).toMatchObject([
      { channel: 'email', reason: 'invalid', source: 'mailer', address: to },
    ]);
  });
});

describe('another attempt', () => {
  test('comes after growing waits, with the same key and a tag of its own, five times in all', async () => {
    const on = trial({ answer: { outcome: 'retry', reason: 'busy' } });
    const sent = await on.done('mail', { to });
    const { id } = await messageOf(on, sent);
    for (const [index, wait] of waits.entries()) {
      await on.clock.advance(wait - 1);
      expect(on.email.messages).toHaveLength(index + 1);
      await on.clock.advance(1);
      expect(on.email.messages).toHaveLength(index + 2);
    }
    expect(on.email.messages.map(({ call }) => [call.attempt, call.key, call.tag])).toEqual(
      [1, 2, 3, 4, 5].map((n) => [n, id, `${id}.${n}`]),
    );
    expect(await messageOf(on, sent)).toMatchObject({
      status: 'failed',
      attempts: 5,
      error: { code: 'ATTEMPTS_EXHAUSTED', message: '5 of 5 attempts failed; the last: busy' },
    });
    expect(on.reported.map(({ name, delayMs }) => [name, delayMs])).toEqual([
      ...waits.map((wait) => ['message.retrying', wait]),
      ['message.failed', undefined],
      ['notification.failed', undefined],
    ]);
    await on.clock.advance(60_000);
    expect(on.email.messages).toHaveLength(5);
  });

  test('comes no earlier than the provider asks, and clears the error', async () => {
    const on = trial({ answer: { outcome: 'retry', reason: 'busy', afterMs: 30_000 } });
    const sent = await on.done('mail', { to });
    on.email.fail();
    await on.clock.advance(29_999);
    expect(on.email.messages).toHaveLength(1);
    await on.clock.advance(1);
    expect(await messageOf(on, sent)).toMatchObject({ status: 'sent', attempts: 2, error: null });
  });

  test('of an adapter that allows one is none', async () => {
    const once = defineAdapter({
      name: 'once',
      channel: 'email',
      attempts: 1,
      send: async (): Promise<Outcome> => ({ outcome: 'retry', reason: 'busy' }),
    });
    const on = trial({ adapters: [once] });
    const sent = await on.done('mail', { to });
    expect(await messageOf(on, sent)).toMatchObject({
      status: 'failed',
      error: { code: 'ATTEMPTS_EXHAUSTED', message: '1 of 1 attempts failed; the last: busy' },
    });
  });

  test('whose last outcome is unknown ends as unknown', async () => {
    const on = trial({ answer: { outcome: 'unknown', reason: 'late' } });
    const sent = await on.done('mail', { to });
    await on.clock.advance(500_000);
    expect(await messageOf(on, sent)).toMatchObject({
      status: 'unknown',
      attempts: 5,
      error: { code: 'PROVIDER_TIMEOUT' },
    });
    expect(await on.engine.notifications.get(sent.id)).toMatchObject({ status: 'completed' });
  });
});

describe('a call that hangs', () => {
  function hanging(more: Partial<ChannelAdapter> = {}): { adapter: ChannelAdapter; signals: AbortSignal[] } {
    const signals: AbortSignal[] = [];
    return {
      signals,
      adapter: {
        specVersion: 1,
        name: 'hanging',
        channel: 'email',
        send(_message, { signal }) {
          signals.push(signal);
          return new Promise(() => {});
        },
        ...more,
      },
    };
  }

  test('past its deadline is aborted, is unknown, and frees its slot', async () => {
    const { adapter, signals } = hanging({ lane: { slots: 1 } });
    const on = trial({ adapters: [adapter] });
    const first = await on.one('mail', { to });
    await on.one('mail', { to: 'joe@example.com' });
    await on.clock.advance(14_999);
    expect([signals.length, signals[0]?.aborted]).toEqual([1, false]);
    await on.clock.advance(1);
    expect([signals.length, signals[0]?.aborted]).toEqual([2, true]);
    expect(await messageOf(on, first)).toMatchObject({
      status: 'queued',
      attempts: 1,
      error: { code: 'PROVIDER_TIMEOUT', message: 'The provider did not answer within 15000 ms.' },
    });
  });

  test('has a deadline of its own where the adapter says so', async () => {
    const { adapter, signals } = hanging({ deadlineMs: 300 });
    const on = trial({ adapters: [adapter] });
    await on.one('mail', { to });
    await on.clock.advance(300);
    expect(signals[0]?.aborted).toBe(true);
  });

  test('and answers after all changes nothing any more', async () => {
    let answer: (outcome: Outcome) => void = () => {};
    const { adapter } = hanging({
      send: () =>
        new Promise((resolve) => {
          answer = resolve;
        }),
    });
    const on = trial({ adapters: [adapter] });
    const sent = await on.one('mail', { to });
    await on.clock.advance(15_000);
    answer({ outcome: 'accepted' });
    await on.clock.advance(1);
    expect(await messageOf(on, sent)).toMatchObject({ status: 'queued', attempts: 1 });
  });
});

describe('at most once (`hold`)', () => {
  const hold = { delivery: { unknown: { email: 'hold' } } } as const;
  async function statusInStore(on: Trial): Promise<unknown> {
    const { items } = await on.store.listMessages({ scope: 1, limit: 1 });
    return items[0] && { calling: items[0].callingAt !== null, leased: items[0].leaseUntil !== null };
  }

  test('what is about to be called is committed first', async () => {
    const seen: unknown[] = [];
    const on = trial({
      ...hold,
      answer: async () => {
        seen.push(await statusInStore(on));
        return { outcome: 'accepted' };
      },
    });
    const sent = await on.done('mail', { to });
    expect(seen).toEqual([{ calling: true, leased: true }]);
    expect(await messageOf(on, sent)).toMatchObject({ status: 'sent', attempts: 1 });
    expect(await statusInStore(on)).toEqual({ calling: false, leased: false });
    expect((await messageOf(on, sent)).content).toMatchObject({ subject: 'Hi' });
  });

  test('without it nothing is', async () => {
    const seen: unknown[] = [];
    const on = trial({
      answer: async () => {
        seen.push(await statusInStore(on));
        return { outcome: 'accepted' };
      },
    });
    await on.done('mail', { to });
    expect(seen).toEqual([{ calling: false, leased: true }]);
  });

  test('an unknown outcome is the end; one that may pass is tried again', async () => {
    const on = trial({ ...hold, answer: { outcome: 'retry', reason: 'busy' } });
    const sent = await on.done('mail', { to });
    on.email.fail({ outcome: 'unknown', reason: 'late' });
    await on.clock.advance(600_000);
    expect(on.email.messages).toHaveLength(2);
    expect(await messageOf(on, sent)).toMatchObject({ status: 'unknown', attempts: 2 });
    expect(on.reported.map(({ name }) => name)).toEqual([
      'message.retrying',
      'message.unknown',
      'notification.completed',
    ]);
  });

  test('what an adapter throws unforeseen is the end; what it throws on purpose is not', async () => {
    const on = trial({
      ...hold,
      answer: () => {
        throw new Error('ECONNRESET');
      },
    });
    const sent = await on.done('mail', { to });
    await on.clock.advance(600_000);
    expect(await messageOf(on, sent)).toMatchObject({ status: 'unknown', attempts: 1 });
    const other = trial({
      ...hold,
      answer: () => {
        throw new TidingsError('PROVIDER_UNAVAILABLE', 'busy', { retryable: true });
      },
    });
    const again = await other.done('mail', { to });
    expect(await messageOf(other, again)).toMatchObject({ status: 'queued', attempts: 1 });
  });

  test('a commit that took the rest of the lease leads to no call, and counts as none', async () => {
    const left: number[] = [];
    const on = trial({
      ...hold,
      answer: async () => {
        const { items } = await on.store.listMessages({ scope: 1, limit: 1 });
        left.push((items[0]?.leaseUntil ?? 0) - on.clock.now());
        return { outcome: 'accepted' };
      },
    });
    await on.engine.start();
    const { commit } = on.store;
    on.store.commit = async (work, options) => {
      const result = await commit(work, options);
      if (work.kind !== 'settle') return result;
      on.store.commit = commit;
      await new Promise<void>((resolve) => on.clock.after(44_000, resolve));
      return result;
    };
    const sent = await on.one('mail', { to });
    await on.clock.advance(44_001);
    await on.engine.idle();
    expect(left).toEqual([45_000]);
    expect(await messageOf(on, sent)).toMatchObject({ status: 'sent', attempts: 1 });
  });
});
