import { describe, expect, test } from 'vitest';
import { messageOf, type Trial, type TrialOptions, trial } from '../../test/engine-trial.ts';
import { type CaptureAdapter, captureAdapter, type Outcome, type Sent } from '../index.ts';
import { hangUntilAborted } from '../toolkit/capture-adapter.ts';

const busy: Outcome = { outcome: 'retry', reason: 'busy' };
const numbered = (count: number, name = 'p'): string[] =>
  Array.from({ length: count }, (_, n) => `${name}${n}@example.com`);

type Mailers = Trial & { readonly a: CaptureAdapter; readonly b: CaptureAdapter; readonly circuits: unknown[] };

function mailers(options: TrialOptions = {}, alone = false): Mailers {
  const [a, b] = ['a', 'b'].map((name) => captureAdapter({ name, channel: 'email' }));
  if (!a || !b) throw new Error('Two were made.');
  const on = trial({ adapters: alone ? [a] : [a, b], ...options });
  const circuits: unknown[] = [];
  on.engine.on('adapter.circuit', ({ adapter, state, openMs }) => circuits.push([adapter, state, openMs]));
  return { ...on, a, b, circuits };
}

/** Lets an adapter fail until its circuit is open. */
async function open(on: Mailers, failing: readonly CaptureAdapter[] = [on.a]): Promise<void> {
  for (const adapter of failing) adapter.fail(busy);
  await on.many('mail', { to: numbered(5, 'opening') });
  await on.engine.idle();
  for (const adapter of failing) adapter.clear();
}

const statuses = async (on: Trial, sent: readonly Sent[]): Promise<readonly string[]> =>
  Promise.all(sent.map(async (one) => (await messageOf(on, one)).status));

describe('an adapter that failed five times in a row', () => {
  test('is left alone: what comes after goes to the next one', async () => {
    const on = mailers();
    await open(on);
    expect(on.circuits).toEqual([['a', 'open', 30_000]]);
    expect(on.logged).toEqual([
      'warn Adapter "a" fails: it is not called for 30000 ms, then once to see whether it is back.',
    ]);
    await on.many('mail', { to: numbered(20) });
    await on.engine.idle();
    expect([on.a.messages.length, on.b.messages.length]).toEqual([0, 25]);
    expect(await on.engine.integrations.list({ channel: 'email' })).toMatchObject([
      { provider: 'a', status: 'failing' },
      { provider: 'b', status: 'active' },
    ]);
  });

  test('is probed by one call once its time is over, and used again when that succeeds', async () => {
    const on = mailers();
    await open(on);
    on.a.fail();
    await on.clock.advance(30_000);
    await on.many('mail', { to: numbered(20) });
    await on.engine.idle();
    expect([on.a.messages.length, on.b.messages.length]).toEqual([1, 24]);
    expect(on.circuits.at(-1)).toEqual(['a', 'closed', null]);
    expect(on.logged.at(-1)).toBe('info Adapter "a" works again.');
    await on.many('mail', { to: numbered(3) });
    await on.engine.idle();
    expect(on.a.messages).toHaveLength(4);
  });

  test('is left alone for twice as long after each probe that fails, up to five minutes', async () => {
    const on = mailers({ delivery: { pollMs: 60_000 } });
    await open(on);
    for (let probe = 0; probe < 6; probe += 1) {
      await on.clock.advance(300_000);
      await on.done('mail', { to: 'jane@example.com' });
    }
    expect(on.a.messages).toHaveLength(6);
    expect(on.circuits.slice(1)).toEqual(
      [60_000, 120_000, 240_000, 300_000, 300_000, 300_000].map((ms) => ['a', 'open', ms]),
    );
  });

  test.each<[string, Outcome]>([
    ['a refusal', { outcome: 'rejected', reason: 'no' }],
    ['a bad address', { outcome: 'badAddress', reason: 'gone' }],
    ['an acceptance', { outcome: 'accepted' }],
  ])('but for %s in between, is none', async (_, outcome) => {
    const on = mailers({}, true);
    on.a.fail(busy);
    for (const to of numbered(4)) await on.done('mail', { to });
    on.a.fail(outcome);
    await on.done('mail', { to: 'between@example.com' });
    on.a.fail(busy);
    for (const to of numbered(4, 'q')) await on.done('mail', { to });
    expect(on.circuits).toEqual([]);
  });

  test('by too many calls is not failing', async () => {
    const on = mailers({}, true);
    on.a.fail({ ...busy, lane: { pauseMs: 1 } });
    for (const to of numbered(9)) {
      await on.done('mail', { to });
      await on.clock.advance(2);
    }
    expect(on.circuits).toEqual([]);
  });

  test('is set by `delivery.circuit`', async () => {
    const on = mailers({ delivery: { circuit: { failures: 2, openMs: 1_000 } } }, true);
    on.a.fail(busy);
    for (const to of numbered(2)) await on.done('mail', { to });
    expect(on.circuits).toEqual([['a', 'open', 1_000]]);
  });
});

describe('rows that wait for an adapter that fails', () => {
  test('are taken by the next one, in its lane, and say so', async () => {
    const on = mailers();
    const producer = trial({ adapters: [on.a, on.b], store: on.store, clock: on.clock, role: 'producer' });
    await open(on);
    const { accepted } = await producer.many('mail', { to: numbered(30) });
    const rows = await on.store.listMessages({ scope: 1, limit: 30, status: ['queued'] });
    expect(rows.items.map(({ lane }) => lane)).toEqual(Array.from({ length: 30 }, () => 'a'));
    await on.clock.advance(1_000);
    expect([on.a.messages.length, on.b.messages.length]).toEqual([0, 35]);
    expect(await statuses(on, accepted)).toEqual(accepted.map(() => 'sent'));
    const after = await on.store.listMessages({ scope: 1, limit: 30 });
    expect(new Set(after.items.map(({ lane, attempts, provider }) => `${lane} ${attempts} ${provider}`))).toEqual(
      new Set(['b 1 b']),
    );
  });

  test('wait when nobody else has a sender for them, without a loop', async () => {
    const senders = [] as const;
    const a = {
      ...captureAdapter({ name: 'a', channel: 'email', outcome: busy }),
      defaultSender: { address: 'a@a.io' },
    };
    const b = captureAdapter({ name: 'b', channel: 'email' });
    const on = trial({ adapters: [a, b], senders, delivery: { circuit: { failures: 1 } } });
    await on.engine.start();
    const { claim } = on.store;
    let claims = 0;
    on.store.claim = (request) => {
      claims += 1;
      return claim(request);
    };
    await on.many('mail', { to: numbered(5) });
    await on.engine.idle();
    const before = claims;
    await on.clock.advance(20_000);
    expect(claims - before).toBeLessThan(60);
    expect(b.messages).toEqual([]);
  });
});

describe('when all providers of a channel fail', () => {
  test('messages wait, no attempt is burnt, later sends are accepted, and all flows once one is back', async () => {
    const on = mailers();
    await open(on, [on.a, on.b]);
    expect(on.circuits.map((circuit) => (circuit as unknown[])[0])).toEqual(['a', 'b']);
    const { accepted } = await on.many('mail', { to: numbered(20) });
    await on.engine.idle();
    await on.clock.advance(29_000);
    expect([on.a.messages.length, on.b.messages.length]).toEqual([0, 0]);
    const waiting = await Promise.all(accepted.map((one) => messageOf(on, one)));
    expect(new Set(waiting.map(({ status, attempts }) => `${status} ${attempts}`))).toEqual(new Set(['queued 0']));
    on.b.fail();
    await on.clock.advance(60_000);
    expect(await statuses(on, accepted)).toEqual(accepted.map(() => 'sent'));
    expect(on.circuits).toContainEqual(['b', 'closed', null]);
  });

  test('an outage of hours burns one attempt a probe, and nothing is lost', async () => {
    const on = mailers({ delivery: { pollMs: 60_000 } }, true);
    await open(on);
    const { accepted } = await on.many('mail', { to: numbered(40) });
    await on.clock.advance(2 * 3_600_000);
    const probes = on.a.messages.length;
    expect(probes).toBeGreaterThan(20);
    expect(probes).toBeLessThan(40);
    on.a.fail();
    await on.clock.advance(2 * 3_600_000);
    expect(await statuses(on, accepted)).toEqual(accepted.map(() => 'sent'));
  });

  test('idle and drain do not wait for them', async () => {
    const on = mailers({}, true);
    await open(on);
    await on.many('mail', { to: numbered(3) });
    await on.engine.idle();
    expect(await on.engine.drain()).toMatchObject({ handled: 0, empty: false });
    on.a.fail();
    await on.clock.advance(30_000);
    await on.engine.idle();
    expect(on.a.messages.length).toBeGreaterThanOrEqual(3);
  });

  test('nothing is claimed for them in a loop', async () => {
    const on = mailers({ delivery: { pollMs: 1_000, circuit: { openMs: 3_600_000 } } }, true);
    await open(on);
    await on.many('mail', { to: numbered(50) });
    const { claim } = on.store;
    let claims = 0;
    on.store.claim = (request) => {
      claims += 1;
      return claim(request);
    };
    await on.clock.advance(60_000);
    // the poll of the other lanes alone
    expect(claims).toBeLessThanOrEqual(61);
  });
});

test('with `hold`, the mark of a call names the lane that stands in', async () => {
  const on = mailers({ delivery: { unknown: { email: 'hold' } } });
  const producer = trial({ adapters: [on.a, on.b], store: on.store, clock: on.clock, role: 'producer' });
  await open(on);
  on.b.fail(hangUntilAborted);
  await producer.one('mail', { to: 'jane@example.com' });
  await on.clock.advance(1_000);
  const { items } = await on.store.listMessages({ scope: 1, limit: 1 });
  expect(items[0]).toMatchObject({ status: 'queued', lane: 'b', callingAt: expect.any(Number) });
});

test('with `hold`, a circuit that opens before the call leaves no mark of it', async () => {
  const on = mailers({ delivery: { unknown: { email: 'hold' } } }, true);
  await open(on);
  const sent = await on.one('mail', { to: 'jane@example.com' });
  await on.clock.advance(1_000);
  const { items } = await on.store.listMessages({ scope: 1, limit: 1 });
  expect(items[0]).toMatchObject({ status: 'queued', callingAt: null, attempts: 0 });
  on.a.fail();
  await on.clock.advance(60_000);
  expect(await messageOf(on, sent)).toMatchObject({ status: 'sent', attempts: 1 });
});

test('calls that a stop ended say nothing of the provider', async () => {
  const on = mailers({ delivery: { graceMs: 1000 } }, true);
  on.a.fail(hangUntilAborted);
  await on.many('mail', { to: numbered(6) });
  await on.clock.advance(10);
  const stopped = on.engine.stop();
  await on.clock.advance(1000);
  await stopped;
  expect(on.circuits).toEqual([]);
  expect(on.logged.filter((line) => line.includes('is not called'))).toEqual([]);
});

describe('a provider that does not answer', () => {
  /** Five messages whose outcome is unknown, and a circuit that they have opened. */
  async function hanging(): Promise<Mailers & { readonly unsure: readonly Sent[] }> {
    const on = mailers({ delivery: { retry: { baseMs: 1000, factor: 1, capMs: 1000 }, circuit: { openMs: 60_000 } } });
    on.a.fail(hangUntilAborted);
    const sent = await on.many('mail', { to: numbered(5, 'unsure') });
    await on.clock.advance(15_000);
    return { ...on, unsure: sent.accepted.map(({ id }) => ({ id }) as Sent) };
  }

  test('is left alone: newcomers go to the next one, and what it may have sent waits for it', async () => {
    const on = await hanging();
    expect(on.circuits).toEqual([['a', 'open', 60_000]]);
    await on.many('mail', { to: numbered(20) });
    await on.clock.advance(40_000);
    expect(on.b.messages.map(({ to }) => to).toSorted()).toEqual(numbered(20).toSorted());
    expect(await statuses(on, on.unsure)).toEqual(Array.from({ length: 5 }, () => 'queued'));
    on.a.fail();
    on.a.clear();
    await on.clock.advance(60_000);
    expect(await statuses(on, on.unsure)).toEqual(Array.from({ length: 5 }, () => 'sent'));
    expect([on.a.messages.length, on.b.messages.length]).toEqual([5, 20]);
  });

  test('is waited for ten minutes, then the next one takes what it may have sent', async () => {
    const on = await hanging();
    await on.clock.advance(540_000);
    const early = on.b.messages.length;
    expect(early).toBeLessThan(5);
    await on.clock.advance(600_000);
    expect(await statuses(on, on.unsure)).toEqual(Array.from({ length: 5 }, () => 'sent'));
    expect(on.b.messages).toHaveLength(5);
  });
});
