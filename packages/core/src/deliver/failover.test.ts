import { describe, expect, test } from 'vitest';
import { events, messageOf, type Trial, type TrialOptions, trial } from '../../test/engine-trial.ts';
import { type Answer, type CaptureAdapter, type ChannelAdapter, captureAdapter, type Outcome } from '../index.ts';

const to = 'jane@example.com';
const busy: Outcome = { outcome: 'retry', reason: 'busy' };
const badKey: Outcome = { outcome: 'misconfigured', reason: 'key' };
const late: Outcome = { outcome: 'unknown', reason: 'late' };

type Mailers = Trial & { readonly a: CaptureAdapter; readonly b: CaptureAdapter };

/** Two adapters for e-mail, `a` before `b`. */
function mailers(a: Answer | undefined, b: Answer | undefined, options: TrialOptions = {}): Mailers {
  const made = (name: string, outcome: Answer | undefined): CaptureAdapter =>
    captureAdapter({ name, channel: 'email', ...(outcome === undefined ? {} : { outcome }) });
  const [one, other] = [made('a', a), made('b', b)];
  const delivery = { pollMs: 60_000, ...options.delivery };
  return { ...trial({ adapters: [one, other], ...options, delivery }), a: one, b: other };
}

/** The adapters tried, in order, with how long the next one waited. */
async function attempts(on: Trial, sent: Parameters<typeof messageOf>[1]): Promise<unknown[]> {
  const { timeline } = await messageOf(on, sent);
  return timeline
    .filter(({ event }) => event === 'attempt')
    .map(({ adapter, delayMs }) => (delayMs === undefined ? adapter : [adapter, delayMs]));
}

describe('a message that its adapter did not take', () => {
  test.each([busy, badKey])('%j: goes to the next one at once', async (outcome) => {
    const on = mailers(outcome, undefined);
    const sent = await on.done('mail', { to });
    const trace = await messageOf(on, sent);
    expect(trace).toMatchObject({ status: 'sent', adapter: 'b', attempts: 2, routing: { adapter: 'b' } });
    expect(trace.timeline.map(({ event, adapter }) => [event, adapter])).toEqual([
      ['queued', undefined],
      ['attempt', 'a'],
      ['failover', 'b'],
      ['attempt', 'b'],
      ['sent', undefined],
    ]);
    expect(on.b.messages[0]).toMatchObject({ to, content: on.a.messages[0]?.content, call: { attempt: 2 } });
    expect(on.b.messages[0]?.call.key).toBe(on.a.messages[0]?.call.key);
  });

  test('waits for a new round once each was tried, and fails when all attempts are used up', async () => {
    const on = mailers(busy, badKey, { delivery: { circuit: { failures: 100 } } });
    const sent = await on.done('mail', { to });
    await on.clock.advance(600_000);
    expect(await attempts(on, sent)).toEqual([
      ...[
        ['a', 0],
        ['b', 5000],
      ],
      ...[
        ['a', 0],
        ['b', 20_000],
      ],
      ...[
        ['a', 0],
        ['b', 80_000],
      ],
      ...[
        ['a', 0],
        ['b', 320_000],
      ],
      ...[['a', 0], 'b'],
    ]);
    expect(await messageOf(on, sent)).toMatchObject({
      status: 'failed',
      attempts: 10,
      error: { code: 'ATTEMPTS_EXHAUSTED', message: '10 of 10 attempts failed; the last: key' },
    });
  });

  test('counts the attempts of each adapter by themselves', async () => {
    const a: ChannelAdapter = { ...captureAdapter({ name: 'a', channel: 'email', outcome: busy }), attempts: 1 };
    const b: ChannelAdapter = { ...captureAdapter({ name: 'b', channel: 'email', outcome: busy }), attempts: 3 };
    const on = trial({ adapters: [a, b], delivery: { pollMs: 60_000 } });
    const sent = await on.done('mail', { to });
    await on.clock.advance(600_000);
    expect(await attempts(on, sent)).toEqual([['a', 0], ['b', 5000], ['b', 20_000], 'b']);
    expect(await messageOf(on, sent)).toMatchObject({ status: 'failed', attempts: 4 });
  });

  test('with an unknown outcome stays with the adapter that may know it again', async () => {
    const on = mailers(late, undefined);
    const sent = await on.done('mail', { to });
    await on.clock.advance(20_000);
    expect(await attempts(on, sent)).toEqual([
      ['a', 5000],
      ['a', 20_000],
    ]);
    await on.clock.advance(600_000);
    expect(await attempts(on, sent)).toEqual([
      ['a', 5000],
      ['a', 20_000],
      ['a', 80_000],
      ['a', 320_000],
      ['a', 0],
      'b',
    ]);
    expect(await messageOf(on, sent)).toMatchObject({ status: 'sent', attempts: 6 });
  });

  test('stays with it also when a later attempt was refused, for ten minutes', async () => {
    let calls = 0;
    const first: Answer = () => {
      calls += 1;
      return calls === 1 ? late : busy;
    };
    const on = mailers(first, undefined, { delivery: { retry: { baseMs: 400_000, factor: 1, capMs: 400_000 } } });
    const sent = await on.done('mail', { to });
    await on.clock.advance(399_000);
    expect(await attempts(on, sent)).toEqual([
      ['a', 200_000],
      ['a', 200_000],
    ]);
    await on.clock.advance(600_000);
    expect(on.b.messages).toHaveLength(1);
    expect(await messageOf(on, sent)).toMatchObject({ status: 'sent', adapter: 'b' });
  });

  test.each([
    [{ outcome: 'rejected', reason: 'spam' } as const, 'PROVIDER_REJECTED'],
    [{ outcome: 'badAddress', reason: 'gone' } as const, 'BAD_ADDRESS'],
  ])('%j: ends, the others are not asked', async (outcome, code) => {
    const on = mailers(outcome, undefined);
    const sent = await on.done('mail', { to });
    expect(await messageOf(on, sent)).toMatchObject({ status: 'failed', error: { code } });
    expect(on.b.messages).toEqual([]);
  });

  test('is not held up by what another provider asked for', async () => {
    const on = mailers({ ...busy, afterMs: 3_600_000, lane: { pauseMs: 3_600_000 } }, undefined);
    const sent = await on.done('mail', { to });
    expect(await messageOf(on, sent)).toMatchObject({ status: 'sent', adapter: 'b' });
    // nor are those that come after it
    await on.done('mail', { to: 'joe@example.com' });
    expect([on.a.messages.length, on.b.messages.length]).toEqual([1, 2]);
  });

  test('comes back to a provider no earlier than it asked, though another had it meanwhile', async () => {
    const times: number[] = [];
    const on = mailers(
      () => {
        times.push(on.clock.monotonic());
        return times.length === 1 ? { ...busy, afterMs: 600_000 } : { outcome: 'accepted' };
      },
      () => busy,
      { delivery: { circuit: { failures: 100 } } },
    );
    await on.done('mail', { to });
    await on.clock.advance(3_600_000);
    expect(times[0]).toBe(0);
    expect(times[1]).toBeGreaterThanOrEqual(600_000);
  });
});

describe('with `hold`', () => {
  const hold = { delivery: { unknown: { email: 'hold' } } } as const;

  test('what is known not to be sent goes on, once each', async () => {
    const on = mailers(busy, undefined, hold);
    const sent = await on.done('mail', { to });
    expect(await messageOf(on, sent)).toMatchObject({ status: 'sent', adapter: 'b', attempts: 2 });
  });

  test('an unknown outcome is the end, and no other adapter is called', async () => {
    const on = mailers(late, undefined, hold);
    const sent = await on.done('mail', { to });
    await on.clock.advance(600_000);
    expect(await messageOf(on, sent)).toMatchObject({ status: 'unknown', attempts: 1 });
    expect(on.b.messages).toEqual([]);
  });
});

describe('the adapter a message is accepted for', () => {
  test('with `roundRobin`: each its turn', async () => {
    const on = mailers(undefined, undefined, { delivery: { failover: { email: 'roundRobin' } } });
    await on.many('mail', { to: Array.from({ length: 5 }, (_, n) => `p${n}@example.com`) });
    await on.done('mail', { to });
    expect(on.a.messages.map((message) => message.to[1])).toEqual(['0', '2', '4']);
    expect(on.b.messages.map((message) => message.to[1])).toEqual(['1', '3', 'a']);
  });

  test('with `roundRobin`: fails over to the one after it', async () => {
    const on = mailers(undefined, busy, { delivery: { failover: { email: 'roundRobin' } } });
    await on.done('mail', { to });
    const sent = await on.done('mail', { to: 'joe@example.com' });
    expect(await attempts(on, sent)).toEqual([['b', 0], 'a']);
  });

  test('has a sender; one without is passed over, and the trace says why', async () => {
    const made = (name: string, sender?: string): ChannelAdapter => ({
      ...captureAdapter({ name, channel: 'email' }),
      ...(sender === undefined ? {} : { defaultSender: { address: sender } }),
    });
    const on = trial({ adapters: [made('a'), made('b', 'b@example.com')], senders: [] });
    const sent = await on.done('mail', { to });
    expect(await messageOf(on, sent)).toMatchObject({
      status: 'sent',
      adapter: 'b',
      routing: {
        tried: [
          { channel: 'email', result: 'chosen', passedOver: [{ adapter: 'a', why: 'no sender is configured for it' }] },
        ],
        adapter: 'b',
      },
    });
  });

  test('is not failed over to where that has no sender', async () => {
    const a: ChannelAdapter = {
      ...captureAdapter({ name: 'a', channel: 'email', outcome: busy }),
      defaultSender: { address: 'a@example.com' },
    };
    const on = trial({ adapters: [a, captureAdapter({ name: 'b', channel: 'email' })], senders: [] });
    const sent = await on.done('mail', { to });
    await on.clock.advance(5000);
    expect(await attempts(on, sent)).toEqual([
      ['a', 5000],
      ['a', 20_000],
    ]);
  });

  test('is not failed over to one whose provider has not confirmed the sender asked for', async () => {
    const from = 'sales@example.org';
    const a: ChannelAdapter = {
      ...captureAdapter({ name: 'a', channel: 'email', outcome: busy }),
      senders: async () => [{ address: from }],
    };
    const b = captureAdapter({ name: 'b', channel: 'email' });
    const on = trial({ adapters: [a, b], delivery: { pollMs: 60_000 } });
    const sent = await on.done('mail', { to, from });
    await on.clock.advance(5000);
    expect(await attempts(on, sent)).toEqual([
      ['a', 5000],
      ['a', 20_000],
    ]);
    expect(b.messages).toEqual([]);
  });

  test('is called with its own default sender', async () => {
    const from = (name: string, outcome?: Outcome): CaptureAdapter & ChannelAdapter => ({
      ...captureAdapter({ name, channel: 'email', ...(outcome ? { outcome } : {}) }),
      defaultSender: { address: `${name}@example.com` },
    });
    const [a, b] = [from('a', busy), from('b')];
    const on = trial({ adapters: [a, b], senders: [] });
    await on.done('mail', { to });
    expect([a.messages[0]?.from, b.messages[0]?.from]).toEqual([
      { address: 'a@example.com' },
      { address: 'b@example.com' },
    ]);
  });
});

describe('of several addresses', () => {
  test('only those that were not reached are tried again', async () => {
    const seen: string[] = [];
    const pusher = (name: string): ChannelAdapter =>
      captureAdapter({
        name,
        channel: 'push',
        outcome: ({ to: token }) => {
          seen.push(`${name} ${token}`);
          return name === 'a' && token === 'token-2' ? busy : { outcome: 'accepted' };
        },
      });
    const on = trial({ adapters: [pusher('a'), pusher('b')], events: { ping: events.ping as never } });
    await on.engine.contacts.upsert({ id: 'jane', pushTokens: ['token-1', 'token-2', 'token-3'] } as never);
    await on.done('ping', { to: 'jane' });
    expect(seen.toSorted()).toEqual(['a token-1', 'a token-2', 'a token-3', 'b token-2']);
  });
});

test('a call lost with its process counts for its adapter, and the next one goes on when that has no attempt left', async () => {
  const made = (name: string): CaptureAdapter => captureAdapter({ name, channel: 'email' });
  const [a, b] = [{ ...made('a'), attempts: 1 }, made('b')];
  const producer = trial({ adapters: [a, b], role: 'producer' });
  const sent = await producer.one('mail', { to });
  await producer.store.claim({ lanes: [{ lane: 'a', limit: 1 }], leaseMs: 45_000 });
  const on = trial({ adapters: [a, b], store: producer.store, clock: producer.clock });
  await on.engine.start();
  await on.clock.advance(46_000);
  expect(await messageOf(on, sent)).toMatchObject({ status: 'sent', adapter: 'b', attempts: 2 });
  expect((await messageOf(on, sent)).timeline.map(({ event, adapter, outcome }) => [event, adapter, outcome])).toEqual([
    ['queued', undefined, undefined],
    ['attempt', 'a', 'unknown'],
    ['attempt', 'b', 'accepted'],
    ['sent', undefined, undefined],
  ]);
});
