import { describe, expect, test } from 'vitest';
import { type Trial, trial } from '../../test/engine-trial.ts';
import { type ManualClock, manualClock } from '../../test/manual-clock.ts';
import { type ChannelAdapter, defineEvent, type LaneOptions, type Outcome } from '../index.ts';

interface Gate {
  readonly adapter: ChannelAdapter;
  /** Whom it was called for, in order. */
  readonly called: string[];
  /** When, by the clock. */
  readonly at: number[];
  readonly open: number;
  readonly mostOpen: number;
  /** Ends this many open calls. */
  end(count: number, outcome?: Outcome): void;
}

/** An adapter whose calls end when they are told to. */
function gate(lane: LaneOptions, clock?: ManualClock): Gate {
  const waiting: ((outcome: Outcome) => void)[] = [];
  const called: string[] = [];
  const at: number[] = [];
  let mostOpen = 0;
  return {
    called,
    at,
    get open() {
      return waiting.length;
    },
    get mostOpen() {
      return mostOpen;
    },
    end(count, outcome = { outcome: 'accepted' }) {
      for (const answer of waiting.splice(0, count)) answer(outcome);
    },
    adapter: {
      specVersion: 1,
      name: 'gate',
      channel: 'email',
      lane,
      send(message) {
        called.push(message.to.split('@')[0] ?? '');
        at.push(clock?.monotonic() ?? 0);
        return new Promise<Outcome>((resolve) => {
          waiting.push(resolve);
          mostOpen = Math.max(mostOpen, waiting.length);
        });
      },
    },
  };
}

const numbered = (count: number, prefix = 'p'): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}@example.com`);

async function leased(on: Trial): Promise<number> {
  let count = 0;
  let cursor: string | null = null;
  do {
    const page = await on.store.listMessages({
      scope: 1,
      limit: 500,
      status: ['queued'],
      ...(cursor ? { cursor } : {}),
    });
    count += page.items.filter(({ leaseUntil }) => leaseUntil !== null).length;
    cursor = page.cursor;
  } while (cursor);
  return count;
}

describe('slots', () => {
  test('are never exceeded, and refilled as calls end', async () => {
    const lane = gate({ slots: 3 });
    const on = trial({ adapters: [lane.adapter] });
    await on.many('mail', { to: numbered(10) });
    for (let left = 10; left > 0; left -= 1) {
      await on.clock.advance(0);
      expect(lane.open).toBe(Math.min(3, left));
      lane.end(1);
    }
    await on.clock.advance(0);
    expect([lane.called.length, lane.mostOpen]).toEqual([10, 3]);
  });

  test('with 10,000 rows behind them: no more rows are leased than there are slots', async () => {
    const lane = gate({ slots: 5 });
    const producer = trial({ role: 'producer', adapters: [lane.adapter] });
    for (let part = 0; part < 10; part += 1) await producer.many('mail', { to: numbered(1000, `${part}-`) });
    const on = trial({ store: producer.store, clock: producer.clock, adapters: [lane.adapter] });
    await on.engine.start();
    let most = 0;
    for (let round = 0; round < 20; round += 1) {
      await on.clock.advance(0);
      most = Math.max(most, await leased(on));
      lane.end(5);
    }
    expect([most, lane.mostOpen, lane.called.length]).toEqual([5, 5, 100]);
  });

  test('that a commit held and gave back go to what waits, at once', async () => {
    const producer = trial({ role: 'producer' });
    const lane = gate({ slots: 1 });
    const adapters = [{ ...lane.adapter, name: 'mailer' }];
    const on = trial({ store: producer.store, clock: producer.clock, adapters, delivery: { pollMs: 60_000 } });
    await on.engine.start();
    await on.engine.idle();
    const { commit } = on.store;
    let goOn: () => void = () => {};
    on.store.commit = async (work, options) => {
      on.store.commit = commit;
      await new Promise<void>((resolve) => {
        goOn = resolve;
      });
      return commit(work, options);
    };
    // Until it is known where a send goes, it holds a slot of every lane it may go to.
    const sending = on.one('any', { to: '+46701234567' });
    await on.clock.advance(0);
    await producer.one('mail', { to: 'a@example.com' });
    await on.clock.advance(60_000);
    expect(lane.open).toBe(0);
    goOn();
    await sending;
    await on.clock.advance(0);
    expect(lane.open).toBe(1);
  });

  test('of one lane do not wait for those of another', async () => {
    const lane = gate({ slots: 1 });
    const on = trial({ adapters: [lane.adapter] });
    await on.many('mail', { to: numbered(5) });
    await on.many('text', { to: ['+46701234567', '+46701234568'] });
    await on.clock.advance(0);
    expect([lane.open, on.sms.messages.length]).toEqual([1, 2]);
  });
});

describe('order', () => {
  test('newcomers do not overtake what waits', async () => {
    const lane = gate({ slots: 2 });
    const on = trial({ adapters: [lane.adapter] });
    await on.many('mail', { to: numbered(6, 'old') });
    await on.clock.advance(0);
    for (let round = 0; round < 5; round += 1) {
      lane.end(1);
      await on.one('mail', { to: `new${round}@example.com` });
      await on.clock.advance(0);
    }
    lane.end(9);
    await on.clock.advance(0);
    expect(lane.called.slice(0, 6)).toEqual(['old0', 'old1', 'old2', 'old3', 'old4', 'old5']);
    expect(lane.called[6]).toBe('new0');
  });

  test('among what waits is by priority, then by time', async () => {
    const lane = gate({ slots: 1 });
    const on = trial({ adapters: [lane.adapter] });
    await on.one('mail', { to: 'first@example.com' });
    await on.clock.advance(0);
    for (const [to, priority] of [
      ['bulk1', 'bulk'],
      ['normal1', 'normal'],
      ['urgent1', 'urgent'],
      ['bulk2', 'bulk'],
      ['urgent2', 'urgent'],
    ] as const) {
      await on.one('mail', { to: `${to}@example.com`, priority });
      await on.clock.advance(1);
    }
    for (let round = 0; round < 6; round += 1) {
      lane.end(1);
      await on.clock.advance(0);
    }
    expect(lane.called).toEqual(['first', 'urgent1', 'urgent2', 'normal1', 'bulk1', 'bulk2']);
  });

  test('a retry that fell due while the lane was full goes before a newcomer', async () => {
    const lane = gate({ slots: 1 });
    const on = trial({ adapters: [lane.adapter] });
    await on.one('mail', { to: 'retried@example.com' });
    await on.clock.advance(0);
    lane.end(1, { outcome: 'retry', reason: 'busy' });
    await on.clock.advance(0);
    await on.one('mail', { to: 'long@example.com' });
    await on.clock.advance(6000);
    lane.end(1);
    await on.one('mail', { to: 'newcomer@example.com' });
    await on.clock.advance(0);
    lane.end(1);
    await on.clock.advance(0);
    expect(lane.called).toEqual(['retried', 'long', 'retried', 'newcomer']);
  });
});

describe('a timer', () => {
  test('that fires a little early, as timers do, does not end the polling', async () => {
    const clock = manualClock();
    const after: ManualClock['after'] = (ms, task, options) => clock.after(Math.max(0, ms - 0.5), task, options);
    const on = trial({ clock: { ...clock, after }, answer: { outcome: 'retry', reason: 'busy' } });
    await on.done('mail', { to: 'a@example.com' });
    await clock.advance(600_000);
    expect(on.email.messages).toHaveLength(5);
  });

  test('is set for the nearest due time, whatever was looked for since', async () => {
    const on = trial({ delivery: { pollMs: 60_000 }, answer: { outcome: 'retry', reason: 'busy' } });
    await on.done('mail', { to: 'a@example.com' });
    await on.engine.idle();
    await on.done('text', { to: '+46701234567' });
    await on.clock.advance(5000);
    expect([on.email.messages.length, on.sms.messages.length]).toEqual([2, 2]);
  });
});

describe('a rate', () => {
  test('is exact: never more begin in any window, and none is wasted', async () => {
    const lane = { slots: 50, rate: { limit: 4, perMs: 1000 } };
    const on = trial({ autoStart: false, role: 'producer' });
    const mail = gate(lane, on.clock);
    const worker = trial({ store: on.store, clock: on.clock, adapters: [{ ...mail.adapter, name: 'mailer' }] });
    await on.many('mail', { to: numbered(18) });
    await worker.engine.start();
    for (let ms = 0; ms < 6000; ms += 50) {
      mail.end(9);
      await on.clock.advance(50);
    }
    const most = Math.max(...mail.at.map((at) => mail.at.filter((other) => other >= at && other < at + 1000).length));
    expect(most).toBe(4);
    expect(mail.at).toEqual([
      ...Array(4).fill(0),
      ...Array(4).fill(1000),
      ...Array(4).fill(2000),
      ...Array(4).fill(3000),
      4000,
      4000,
    ]);
  });

  test('counts from the call, however long the template took', async () => {
    const release: (() => void)[] = [];
    const text = (): Promise<string> => new Promise((resolve) => release.push(() => resolve('x')));
    const slow = defineEvent({ templates: { email: { en: { subject: 'x', text } } } });
    const clock = manualClock();
    const lane = gate({ slots: 50, rate: { limit: 2, perMs: 1000 } }, clock);
    const on = trial({ clock, events: { slow }, adapters: [lane.adapter] });
    await on.many('slow', { to: numbered(4) });
    await on.clock.advance(900);
    for (let round = 0; round < 40; round += 1) {
      for (const go of release.splice(0)) go();
      await on.clock.advance(100);
      lane.end(9);
    }
    expect(lane.at.slice(0, 2)).toEqual([900, 900]);
    expect(lane.at).toHaveLength(4);
    expect(lane.at[2]).toBeGreaterThanOrEqual(1900);
  });

  test('is shared by the processes that live', async () => {
    const first = trial({ role: 'producer' });
    const lanes = [0, 1].map(() => gate({ rate: { limit: 4, perMs: 1000 } }, first.clock));
    const engines = lanes.map(({ adapter }, index) =>
      trial({
        store: first.store,
        clock: first.clock,
        adapters: [{ ...adapter, name: 'mailer' }],
        random: { fraction: () => 0.5, bytes: (count) => new Uint8Array(count).fill(index + 1) },
      }),
    );
    for (const { engine } of engines) await engine.start();
    await first.clock.advance(10_000);
    await engines[0]?.many('mail', { to: numbered(20) });
    for (let round = 0; round < 8; round += 1) {
      for (const lane of lanes) lane.end(9);
      await first.clock.advance(250);
    }
    const began = lanes.flatMap(({ at }) => at).sort((a, b) => a - b);
    const most = Math.max(...began.map((at) => began.filter((other) => other >= at && other < at + 1000).length));
    expect(most).toBeLessThanOrEqual(4);
    expect(lanes.every(({ at }) => at.length > 0)).toBe(true);
  });
});

describe('a pause', () => {
  test('that a provider asks for holds its lane, and no other', async () => {
    const lane = gate({ slots: 1 });
    const on = trial({ adapters: [lane.adapter] });
    await on.many('mail', { to: numbered(3) });
    await on.clock.advance(0);
    const paused = async (): Promise<unknown> =>
      (await on.engine.integrations.list()).map(({ provider, status }) => `${provider} ${status}`);
    expect(await paused()).toEqual(['gate active', 'texter active', 'pusher active', 'poster active']);
    lane.end(1, { outcome: 'retry', reason: '429', afterMs: 8000, lane: { pauseMs: 8000 } });
    await on.clock.advance(0);
    expect(await paused()).toEqual(['gate paused', 'texter active', 'pusher active', 'poster active']);
    await on.one('any', { to: '+46701234567' });
    await on.clock.advance(7999);
    expect([lane.called.length, on.sms.messages.length]).toEqual([1, 1]);
    await on.clock.advance(2);
    expect(lane.called.length).toBe(2);
    expect(await paused()).toContain('gate active');
  });

  test('is heard by other processes', async () => {
    const lane = gate({ slots: 1 });
    const one = trial({ adapters: [lane.adapter] });
    const other = trial({ store: one.store, clock: one.clock, adapters: [lane.adapter] });
    await one.one('mail', { to: 'a@example.com' });
    await one.clock.advance(0);
    lane.end(1, { outcome: 'rejected', reason: '429', lane: { pauseMs: 8000 } });
    await one.clock.advance(0);
    await one.many('mail', { to: numbered(2) });
    await other.engine.start();
    await one.clock.advance(7900);
    expect(lane.called).toEqual(['a']);
    await one.clock.advance(200);
    expect(lane.called.length).toBeGreaterThan(1);
  });

  test('does not keep idle waiting: what it holds is not due', async () => {
    const on = trial({ answer: { outcome: 'retry', reason: '429', lane: { pauseMs: 600_000 } } });
    await on.done('mail', { to: 'a@example.com' });
    await on.done('mail', { to: 'b@example.com' });
    expect(on.email.messages.map(({ to }) => to)).toEqual(['a@example.com']);
  });
});
