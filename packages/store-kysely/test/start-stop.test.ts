import {
  captureAdapter,
  createEngine,
  defineEvent,
  type EngineOptions,
  memoryStore,
  silentLogger,
} from '@tidings/core';
import type { Clock, Store } from '@tidings/core/spec';
import { databases, effort, fakeRandom } from '@tidings/testing';
import { describe, expect, it } from 'vitest';
import { type Place, places, type Server } from './subjects.ts';

const ping = defineEvent({ templates: { sms: { en: { text: 'ping' } } } });
const events = { ping };
const phone = (n: number): string => `+4670${String(n).padStart(7, '0')}`;

async function placeOf(name: 'memory' | Server): Promise<Pick<Place, 'open' | 'drop'>> {
  if (name !== 'memory') return places[name]();
  const store = memoryStore();
  return { open: () => store, drop: async () => {} };
}

/** What holds a process, counted by kind. */
function holding(): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo()) {
    if (/Timeout|TCP|Pipe|FSReq/.test(kind)) counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}

function engineOn(store: Store, calls: string[], more: Partial<EngineOptions<typeof events>> = {}) {
  const texter = captureAdapter({
    name: 'texter',
    channel: 'sms',
    outcome: async ({ to }) => {
      await new Promise((resolve) => setImmediate(resolve));
      calls.push(to);
      return { outcome: 'accepted' };
    },
  });
  return createEngine({ store, adapters: [texter], events, log: silentLogger, ...more });
}

describe.each(databases(['memory', 'sqlite', 'postgres', 'mariadb']) as readonly ('memory' | Server)[])(
  'on %s',
  (name) => {
    it('started and stopped at any moment, again and again: nothing is lost, nothing doubled, nothing left', async () => {
      const seed = Math.floor(Math.random() * 2 ** 31);
      const random = fakeRandom(seed);
      const before = holding();
      const place = await placeOf(name);
      const calls: string[] = [];
      const accepted: string[] = [];
      const rounds = effort({ quick: 10, ci: 50, verify: 500 });
      let next = 0;
      for (let round = 0; round < rounds; round += 1) {
        const engine = engineOn(place.open(), calls);
        const sends = Array.from({ length: 8 }, () => {
          const to = phone(next);
          next += 1;
          return engine.send('ping', { to }).then(
            () => accepted.push(to),
            () => {},
          );
        });
        // any moment from the first statement on
        const turns = Math.floor(random.fraction() * 12);
        for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve));
        if (turns % 2 === 1) await new Promise((resolve) => setTimeout(resolve, random.fraction() * 40));
        await Promise.all([engine.stop(), engine.stop()]);
        await Promise.all(sends);
        const store = place.open();
        const scope = await store.scope('default', 'live');
        const { items } = await store.listMessages({ scope, limit: 500, status: ['queued'] });
        expect(items.filter((row) => row.leaseUntil !== null)).toEqual([]);
        await store.close();
      }
      const last = engineOn(place.open(), calls);
      await last.start();
      await last.idle();
      expect((await last.messages.list({ status: 'queued', total: true })).total, `seed ${seed}`).toBe(0);
      await last.stop();
      expect(accepted.length).toBeGreaterThan(0);
      expect([...calls].sort(), `seed ${seed}`).toEqual([...accepted].sort());
      await place.drop();
      await new Promise((resolve) => setTimeout(resolve, 20));
      for (const [kind, count] of Object.entries(holding())) {
        expect(count, `${kind} that are left`).toBeLessThanOrEqual(before[kind] ?? 0);
      }
    }, 600_000);
  },
);

describe.each(databases(['postgres', 'mariadb']) as readonly Server[])('with a wrong clock on %s', (name) => {
  it.each([3_600_000, -3_600_000, 365 * 86_400_000, -365 * 86_400_000])(
    '(%i ms): sends, and retries on time',
    async (skew) => {
      const place = await placeOf(name);
      let calls = 0;
      const at: number[] = [];
      const texter = captureAdapter({
        name: 'texter',
        channel: 'sms',
        outcome() {
          calls += 1;
          at.push(performance.now());
          return calls === 1 ? { outcome: 'retry', reason: 'later', afterMs: 400 } : { outcome: 'accepted' };
        },
      });
      const clock: Clock = {
        now: () => Date.now() + skew,
        monotonic: () => performance.now(),
        after(ms, task, { hold = true } = {}) {
          const timer = setTimeout(task, Math.min(ms, 2 ** 31 - 1));
          if (!hold) timer.unref();
          return { cancel: () => clearTimeout(timer) };
        },
      };
      const engine = createEngine({
        store: place.open(),
        adapters: [texter],
        events,
        clock,
        log: silentLogger,
        delivery: { pollMs: 50, retry: { baseMs: 1, factor: 1, capMs: 1 } },
      });
      const { deliveries } = await engine.send('ping', { to: phone(1) });
      while ((await engine.messages.get(deliveries[0]?.id ?? '')).status === 'queued') {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      expect(at).toHaveLength(2);
      // the server counts whole milliseconds
      expect((at[1] ?? 0) - (at[0] ?? 0)).toBeGreaterThanOrEqual(399);
      await engine.stop();
      await place.drop();
    },
    30_000,
  );
});
