import { describe, expect, test } from 'vitest';
import { messageOf, type Trial, trial } from '../../test/engine-trial.ts';
import { type ChannelAdapter, type HeldLease, type Outcome, TidingsError } from '../index.ts';

const to = 'jane@example.com';
const delivery = { leaseMs: 45_000, heartbeatMs: 15_000 };
const away = (): TidingsError => new TidingsError('STORE_UNAVAILABLE', 'away', { retryable: true });

/** An adapter whose calls go on until they are told to end. */
function slow(deadlineMs = 40_000): {
  adapter: ChannelAdapter;
  end(outcome?: Outcome): void;
  readonly signals: AbortSignal[];
} {
  const waiting: ((outcome: Outcome) => void)[] = [];
  const signals: AbortSignal[] = [];
  return {
    signals,
    end(outcome = { outcome: 'accepted' }) {
      waiting.shift()?.(outcome);
    },
    adapter: {
      specVersion: 1,
      name: 'slow',
      channel: 'email',
      deadlineMs,
      send(_, { signal }) {
        signals.push(signal);
        return new Promise((resolve) => waiting.push(resolve));
      },
    },
  };
}

/** Notes what is renewed. */
function watched(on: Trial): (readonly HeldLease[])[] {
  const asked: (readonly HeldLease[])[] = [];
  const { renew } = on.store;
  on.store.renew = (leases, leaseMs) => {
    asked.push(leases);
    return renew(leases, leaseMs);
  };
  return asked;
}

async function leaseLeft(on: Trial): Promise<number> {
  const { items } = await on.store.listMessages({ scope: 1, limit: 1 });
  return (items[0]?.leaseUntil ?? 0) - on.clock.now();
}

describe('a heartbeat', () => {
  test('renews what is held, all of it at once, and stops with it', async () => {
    const { adapter, end } = slow();
    const on = trial({ adapters: [adapter], delivery });
    await on.engine.start();
    await on.engine.idle();
    const asked = watched(on);
    await on.one('mail', { to });
    await on.one('mail', { to: 'joe@example.com' });
    await on.clock.advance(14_999);
    expect(asked).toEqual([]);
    expect(await leaseLeft(on)).toBe(30_001);
    await on.clock.advance(1);
    expect(asked.map(({ length }) => length)).toEqual([2]);
    expect(await leaseLeft(on)).toBe(45_000);
    await on.clock.advance(15_000);
    expect(asked.map(({ length }) => length)).toEqual([2, 2]);
    end();
    end();
    await on.clock.advance(60_000);
    expect(asked).toHaveLength(2);
  });

  test('plans nothing while nothing is held', async () => {
    const { adapter, end } = slow();
    const on = trial({ adapters: [adapter], delivery });
    await on.engine.start();
    await on.engine.idle();
    const { planned } = on.clock;
    await on.one('mail', { to });
    await on.clock.advance(0);
    // the deadline of the call, what keeps the process alive, and the heartbeat
    expect(on.clock.planned).toBe(planned + 3);
    end();
    await on.clock.advance(0);
    expect(on.clock.planned).toBe(planned);
  });

  test('takes what is younger along once it is half as old, and comes in time for the rest', async () => {
    const { adapter } = slow();
    const on = trial({ adapters: [adapter], delivery });
    await on.engine.start();
    const asked = watched(on);
    await on.one('mail', { to });
    await on.clock.advance(7_500);
    await on.one('mail', { to: 'joe@example.com' });
    await on.clock.advance(1);
    await on.one('mail', { to: 'ann@example.com' });
    await on.clock.advance(7_499);
    expect(asked.map(({ length }) => length)).toEqual([2]);
    await on.clock.advance(7_501);
    expect(asked.map(({ length }) => length)).toEqual([2, 3]);
  });

  test('keeps a settlement that waits for its store from being taken by another', async () => {
    const on = trial({ delivery });
    await on.engine.start();
    const { commit } = on.store;
    let gone = true;
    on.store.commit = async (work, options) => {
      if (gone && work.kind === 'settle') throw away();
      return commit(work, options);
    };
    const sent = await on.one('mail', { to });
    await on.clock.advance(120_000);
    const { messages } = await on.store.claim({ lanes: [{ lane: 'mailer', limit: 1 }], leaseMs: 45_000 });
    expect(messages).toEqual([]);
    gone = false;
    await on.clock.advance(6_000);
    expect(await messageOf(on, sent)).toMatchObject({ status: 'sent', attempts: 1 });
    expect(on.email.messages).toHaveLength(1);
  });

  test('aborts the call of a message that was lost, and nothing is written of it', async () => {
    const { adapter, signals } = slow();
    const on = trial({ adapters: [adapter], delivery });
    await on.engine.start();
    const sent = await on.one('mail', { to });
    await on.clock.advance(1_000);
    const before = await messageOf(on, sent);
    const { items } = await on.store.listMessages({ scope: 1, limit: 1 });
    const [row] = items;
    if (!row) throw new Error('Nothing was sent.');
    // Erasing, and whoever takes a lapsed lease, raises the epoch.
    await on.store.commit({
      kind: 'cancel',
      reads: {},
      decide: () => ({
        writes: {
          messages: {
            update: [
              { ...blank, scope: 1, id: row.id, epoch: row.epoch, lane: 'other', calling: true, leaseIn: 45_000 },
            ],
          },
        },
        result: undefined,
      }),
    });
    expect(signals[0]?.aborted).toBe(false);
    await on.clock.advance(14_000);
    expect(signals[0]?.aborted).toBe(true);
    expect(signals[0]?.reason).toMatchObject({ message: 'Another process took the message over.' });
    expect(await messageOf(on, sent)).toMatchObject({ status: 'queued', attempts: 0, timeline: before.timeline });
    expect(on.reported).toEqual([]);
  });

  test('that finds no store asks again soon, and moves no lease meanwhile', async () => {
    const { adapter } = slow();
    const on = trial({ adapters: [adapter], delivery });
    await on.engine.start();
    await on.one('mail', { to });
    let tries = 0;
    const { renew } = on.store;
    on.store.renew = async (leases, leaseMs) => {
      tries += 1;
      if (tries < 4) throw away();
      return renew(leases, leaseMs);
    };
    await on.clock.advance(15_299);
    expect([tries, await leaseLeft(on)]).toEqual([2, 29_701]);
    await on.clock.advance(1_000);
    expect([tries, await leaseLeft(on)]).toEqual([4, 44_401]);
    expect(on.reported.map(({ name, during }) => [name, during])).toEqual([['error', 'renew']]);
  });

  test('that was skipped is no confirmation, and is not asked for in a loop', async () => {
    const { adapter } = slow();
    const on = trial({ adapters: [adapter], delivery });
    await on.engine.start();
    await on.one('mail', { to });
    let tries = 0;
    on.store.renew = async (leases) => {
      tries += 1;
      return { lost: [], skipped: leases };
    };
    await on.clock.advance(30_000);
    expect([tries, await leaseLeft(on)]).toEqual([2, 15_000]);
  });
});

describe('a job that waits for its call', () => {
  const waiting = async (renewals: 'renewed' | 'lost'): Promise<Trial> => {
    const adapter: ChannelAdapter = { ...slow().adapter, name: 'mailer', deadlineMs: 15_000 };
    const on = trial({ adapters: [adapter], delivery: { ...delivery, unknown: { email: 'hold' } } });
    await on.engine.start();
    const { commit, renew } = on.store;
    let gone = true;
    on.store.commit = async (work, options) => {
      if (gone && work.kind === 'settle') throw away();
      return commit(work, options);
    };
    // A third process has it by now, if it was lost.
    on.store.renew = async (leases, leaseMs) =>
      renewals === 'lost' ? { lost: leases, skipped: [] } : renew(leases, leaseMs);
    await on.one('mail', { to });
    await on.clock.advance(60_000);
    gone = false;
    await on.clock.advance(6_000);
    return on;
  };

  test('is called later than its first lease would have allowed, once that was renewed', async () => {
    const on = await waiting('renewed');
    const { items } = await on.store.listMessages({ scope: 1, limit: 1 });
    expect(items[0]?.callingAt).not.toBeNull();
  });

  test('is not lost to the mark of its own call', async () => {
    // What a store says of a lease while our own write may have raised its epoch proves nothing.
    const on = await waiting('lost');
    const { items } = await on.store.listMessages({ scope: 1, limit: 1 });
    expect(items[0]?.callingAt).not.toBeNull();
  });
});

const blank = {
  status: 'queued',
  attempts: 0,
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
