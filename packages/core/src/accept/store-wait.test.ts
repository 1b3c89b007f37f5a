import { describe, expect, test } from 'vitest';
import { messageOf, type Trial, type TrialOptions, trial } from '../../test/engine-trial.ts';
import { settle } from '../../test/manual-clock.ts';
import { defineEvent, memoryStore, type Store, TidingsError } from '../index.ts';

const to = 'jane@example.com';
const away = (): TidingsError => new TidingsError('STORE_UNAVAILABLE', 'away', { retryable: true });
const numbered = (count: number): string[] => Array.from({ length: count }, (_, index) => `p${index}@example.com`);

interface Outage {
  away: boolean;
  asked: string[];
}

/** Every operation fails while it is away; what was asked meanwhile is counted. */
function outage(store: Store): Outage {
  const state: Outage = { away: false, asked: [] };
  for (const name of ['migrate', 'scope', 'remember', 'commit', 'load', 'claim', 'beat'] as const) {
    const real = store[name] as (...given: unknown[]) => Promise<unknown>;
    Object.assign(store, {
      [name]: async (...given: unknown[]) => {
        if (!state.away) return real(...given);
        state.asked.push(name);
        throw away();
      },
    });
  }
  return state;
}

async function started(options: TrialOptions): Promise<{ on: Trial; db: Outage }> {
  const on = trial(options);
  const db = outage(on.store);
  await on.engine.start();
  await on.clock.advance(0);
  db.away = true;
  return { on, db };
}

/** How a call ended, once it has. */
function watch(call: Promise<unknown>): { said?: string } {
  const state: { said?: string } = {};
  call.then(
    () => {
      state.said = 'resolved';
    },
    (error: TidingsError) => {
      state.said = error.code;
    },
  );
  return state;
}

describe('a send while the store is away', () => {
  test('rejects at once unless it may wait', async () => {
    const { on } = await started({});
    const sent = watch(on.one('mail', { to }));
    await settle();
    expect(sent.said).toBe('STORE_UNAVAILABLE');
  });

  test('waits as long as it may, then rejects', async () => {
    const { on } = await started({ storeWaitMs: 30_000 });
    const sent = watch(on.one('mail', { to }));
    await on.clock.advance(29_999);
    expect(sent.said).toBeUndefined();
    await on.clock.advance(1);
    expect(sent.said).toBe('STORE_UNAVAILABLE');
  });

  test('is accepted when it comes back in time, with all the others, and each once', async () => {
    const { on, db } = await started({ storeWaitMs: 60_000 });
    const sends = numbered(500).map((each) => on.one('mail', { to: each }));
    await on.clock.advance(30_000);
    const late = on.many('mail', { to: ['late@example.com'] });
    await on.clock.advance(1000);
    const commits = db.asked.filter((name) => name === 'commit').length;
    db.away = false;
    await on.clock.advance(10_000);
    await Promise.all([...sends, late]);
    expect(new Set(on.email.messages.map((message) => message.to)).size).toBe(501);
    expect(on.email.messages).toHaveLength(501);
    // the first batches, then one at a time after growing pauses
    expect(commits).toBeLessThan(20);
  });

  test('is refused when as many wait as may', async () => {
    const { on } = await started({ storeWaitMs: 60_000, limits: { waitingSends: 10 } });
    const sends = numbered(12).map((each) => watch(on.one('mail', { to: each })));
    await on.clock.advance(1000);
    expect(sends.filter(({ said }) => said === 'STORE_UNAVAILABLE')).toHaveLength(2);
    const further = await on.one('mail', { to }).catch((error: TidingsError) => error);
    expect(further).toMatchObject({ code: 'STORE_UNAVAILABLE', retryable: true, details: { waiting: 10 } });
    expect(String(further)).toContain('limits.waitingSends');
  });

  test('hears at once that the engine stops', async () => {
    const { on } = await started({ storeWaitMs: 60_000 });
    const sends = numbered(3).map((each) => watch(on.one('mail', { to: each })));
    await on.clock.advance(1000);
    const stopping = on.engine.stop();
    await settle();
    expect(sends.map(({ said }) => said)).toEqual(['ENGINE_STOPPED', 'ENGINE_STOPPED', 'ENGINE_STOPPED']);
    await on.clock.advance(10_000);
    await stopping;
  });

  test('is not kept waiting by what is not the store', async () => {
    const { on, db } = await started({ storeWaitMs: 60_000 });
    db.away = false;
    const { commit } = on.store;
    on.store.commit = async () => {
      throw new TidingsError('STORE_REFUSED', 'no');
    };
    await expect(on.one('mail', { to })).rejects.toMatchObject({ code: 'STORE_REFUSED' });
    on.store.commit = commit;
  });

  test('also at boot: start and send wait for it', async () => {
    const store = memoryStore();
    const db = outage(store);
    db.away = true;
    const on = trial({ store, storeWaitMs: 60_000 });
    const start = watch(on.engine.start());
    const sent = watch(on.one('mail', { to }));
    await on.clock.advance(20_000);
    expect([start.said, sent.said]).toEqual([undefined, undefined]);
    db.away = false;
    await on.clock.advance(10_000);
    expect([start.said, sent.said]).toEqual(['resolved', 'resolved']);
    expect(on.email.messages).toHaveLength(1);
  });

  test('a broadcast waits too', async () => {
    const { on, db } = await started({ storeWaitMs: 60_000 });
    db.away = false;
    const { commit } = on.store;
    let commits = 0;
    on.store.commit = async (work, options) => {
      if (work.kind === 'accept') {
        commits += 1;
        if (commits > 1 && commits < 5) throw away();
      }
      return commit(work, options);
    };
    const cast = on.engine.untyped.broadcast('mail', numbered(1200), { id: 'cast' });
    await on.clock.advance(30_000);
    expect(await cast).toMatchObject({ accepted: 1200, completed: true });
  });
});

describe('a worker while the store is away for a minute', () => {
  test('asks once a poll, and goes on by itself', async () => {
    const answer = (): Promise<{ outcome: 'accepted' }> => Promise.resolve({ outcome: 'accepted' });
    const { on, db } = await started({ answer });
    await on.clock.advance(60_000);
    const asked = db.asked.length;
    expect(asked).toBeGreaterThan(10);
    expect(asked).toBeLessThanOrEqual(61);
    const producer = trial({ store: on.store, clock: on.clock, role: 'producer' });
    db.away = false;
    const sent = await producer.one('mail', { to });
    await on.clock.advance(2000);
    expect(await messageOf(producer, sent)).toMatchObject({ status: 'sent', attempts: 1 });
  });

  test('keeps every outcome it knows, in shared and ever rarer tries', async () => {
    let open: (() => void)[] = [];
    const answer = (): Promise<{ outcome: 'accepted' }> =>
      new Promise((resolve) => open.push(() => resolve({ outcome: 'accepted' })));
    const on = trial({ answer });
    const db = outage(on.store);
    await on.many('mail', { to: numbered(150) });
    await on.clock.advance(0);
    db.away = true;
    for (const go of open) go();
    open = [];
    await on.clock.advance(40_000);
    // tries of one batch, growing apart to 5 s
    expect(db.asked.filter((name) => name === 'commit').length).toBeLessThan(20);
    db.away = false;
    await on.clock.advance(6000);
    const { items } = await on.store.listMessages({ scope: 1, limit: 200 });
    expect(new Set(items.map(({ status, attempts }) => `${status} ${attempts}`))).toEqual(new Set(['sent 1']));
  });
});

test('the options are checked', () => {
  const mail = defineEvent({ templates: { email: { en: { subject: 'x', text: 'x' } } } });
  for (const wrong of [{ storeWaitMs: -1 }, { storeWaitMs: 1.5 }, { limits: { waitingSends: 0 } }]) {
    expect(() => trial({ events: { mail }, ...wrong })).toThrow(/storeWaitMs|limits\.waitingSends/);
  }
});
