import {
  captureAdapter,
  createEngine,
  defineEvent,
  type Engine,
  type EngineOptions,
  silentLogger,
} from '@tidings/core';
import { effort, newContact } from '@tidings/testing';
import { describe, expect, it } from 'vitest';
import { type Proxied, proxied } from './proxied.ts';
import { servers } from './servers.ts';

// not `READ COMMITTED`
const commit = /COMMIT(?!TED)/;
const ping = defineEvent({ templates: { sms: { en: { text: 'ping' } } } });
const phone = (n: number): string => `+4670${String(n).padStart(7, '0')}`;

function engineOn(
  store: Proxied['store'],
  more: Partial<EngineOptions<{ ping: typeof ping }>> = {},
): { engine: Engine<{ ping: typeof ping }>; calls(): readonly string[] } {
  const texter = captureAdapter({ name: 'texter', channel: 'sms', keep: 100_000 });
  const engine = createEngine({
    store,
    adapters: [{ ...texter, deadlineMs: 2000 }],
    events: { ping },
    log: silentLogger,
    ...more,
  });
  return { engine, calls: () => texter.messages.map(({ to }) => to) };
}

describe.each(servers())('a commit without an answer on %s', (name) => {
  const kinds = name === 'postgres' ? [false, true] : [false];
  for (const pipeline of kinds) {
    describe(pipeline ? 'with a pipeline' : 'statement by statement', () => {
      it.each(['before', 'after'] as const)('is said to be unknown when the connection is cut %s it', async (how) => {
        const place = await proxied[name]({ pipeline });
        const scope = await place.store.scope('tenant', 'live');
        const contact = newContact({ scope });
        const cut = place.proxy.breakAt(commit, how);
        const committed = place.store.commit({
          kind: 'contacts',
          reads: {},
          decide: () => ({ writes: { contacts: { insert: [contact] } }, result: null }),
        });
        await expect(committed).rejects.toMatchObject({
          code: 'STORE_UNAVAILABLE',
          retryable: true,
          details: { outcome: 'unknown' },
        });
        await cut;
        const { contacts } = await place.direct.load({ contacts: [contact] });
        expect(contacts).toHaveLength(how === 'after' ? 1 : 0);
        // and the next one has another connection
        await place.store.load({ contacts: [contact] });
        await place.drop();
      });

      it('is not unknown when the connection is cut earlier', async () => {
        const place = await proxied[name]({ pipeline });
        const scope = await place.store.scope('tenant', 'live');
        const contact = newContact({ scope });
        const cut = place.proxy.breakAt(/tidings_contacts/, 'before');
        const error = await place.store
          .commit({
            kind: 'contacts',
            reads: { contacts: [contact] },
            decide: () => ({ writes: { contacts: { insert: [contact] } }, result: null }),
          })
          .catch((thrown: unknown) => thrown);
        await cut;
        expect(error).toMatchObject({ code: 'STORE_UNAVAILABLE', retryable: true });
        expect((error as { details: { outcome?: string } }).details.outcome).toBeUndefined();
        await place.drop();
      });

      it('is unknown when the server is silent, in bounded time', async () => {
        const place = await proxied[name]({ pipeline, answerTimeoutMs: 300 });
        const scope = await place.store.scope('tenant', 'live');
        const contact = newContact({ scope });
        void place.proxy.breakAt(commit, 'silent');
        const committed = place.store.commit({
          kind: 'contacts',
          reads: {},
          decide: () => ({ writes: { contacts: { insert: [contact] } }, result: null }),
        });
        await expect(committed).rejects.toMatchObject({ details: { outcome: 'unknown' } });
        expect((await place.direct.load({ contacts: [contact] })).contacts).toHaveLength(1);
        await place.store.load({});
        await place.drop();
      });
    });
  }

  it.each(['before', 'after'] as const)(
    'leaves no send in doubt when it is cut %s',
    async (how) => {
      const place = await proxied[name]();
      const { engine, calls } = engineOn(place.store);
      await engine.send('ping', { to: phone(0) });
      await engine.idle();
      const rounds = effort({ quick: 10, ci: 15, verify: 200 });
      for (let round = 1; round <= rounds; round += 1) {
        void place.proxy.breakAt(commit, how);
        const sent = await engine.send('ping', { to: phone(round) });
        expect((await engine.notifications.get(sent.id)).id).toBe(sent.id);
        // A claim that is cut would hold its rows for a whole lease; here accepting and settling are tried.
        await engine.idle();
      }
      expect([...calls()].sort()).toEqual(Array.from({ length: rounds + 1 }, (_, n) => phone(n)));
      const { items, total } = await engine.messages.list({ total: true });
      expect(total).toBe(rounds + 1);
      expect(new Set(items.map(({ status, attempts }) => `${status} ${attempts}`))).toEqual(new Set(['sent 1']));
      await engine.stop();
      await place.drop();
    },
    60_000,
  );

  it('under load: every connection is killed again and again, no send is lost and none is doubled', async () => {
    const place = await proxied[name]();
    const { engine, calls } = engineOn(place.store, { storeWaitMs: 20_000, delivery: { leaseMs: 4000 } });
    await engine.start();
    const count = effort({ quick: 600, ci: 1000, verify: 20_000 });
    const ids = new Set<string>();
    let rejected = 0;
    let next = 0;
    let kills = 0;
    const sender = async (): Promise<void> => {
      while (next < count) {
        const n = next;
        next += 1;
        if (n % 50 === 49) {
          kills += 1;
          await place.killAll();
        }
        await engine.send('ping', { to: phone(n) }).then(
          ({ id }) => ids.add(id),
          () => {
            rejected += 1;
          },
        );
      }
    };
    await Promise.all(Array.from({ length: 20 }, sender));
    // what a kill kept from being claimed or settled is taken up again by itself
    const open = async (): Promise<number> =>
      (await engine.messages.list({ status: 'queued', limit: 1 }).catch(() => ({ items: [1] }))).items.length;
    while ((await open()) > 0) await new Promise((resolve) => setTimeout(resolve, 100));
    expect(kills).toBeGreaterThan(3);
    expect([ids.size, rejected]).toEqual([count, 0]);
    const { total } = await engine.notifications.list({ total: true, limit: 1 });
    expect(Math.min(total ?? 0, 10_000)).toBe(Math.min(count, 10_000));
    expect([calls().length, new Set(calls()).size]).toEqual([count, count]);
    await engine.stop();
    await place.drop();
  }, 180_000);

  it('down for a while: sends wait, the worker comes back, and connections are asked for one at a time', async () => {
    const place = await proxied[name]();
    const { engine, calls } = engineOn(place.store, { storeWaitMs: 30_000, delivery: { pollMs: 200 } });
    await engine.start();
    await engine.send('ping', { to: phone(0) });
    await place.proxy.down();
    const before = place.proxy.attempts;
    const sends = Array.from({ length: 500 }, (_, n) => engine.send('ping', { to: phone(n + 1) }));
    await new Promise((resolve) => setTimeout(resolve, 3000));
    const asked = place.proxy.attempts - before;
    await place.proxy.up();
    await Promise.all(sends);
    await engine.idle();
    expect(new Set(calls()).size).toBe(501);
    expect(calls()).toHaveLength(501);
    // not one for each that waits, nor in a loop: a claim a poll, a few batches at first, a probe now and then
    expect(asked).toBeLessThan(250);
    await engine.stop();
    await place.drop();
  }, 60_000);

  it('down when the engine must end: ends within the grace and a little', async () => {
    const place = await proxied[name]();
    const { engine } = engineOn(place.store, { storeWaitMs: 60_000, delivery: { graceMs: 200 } });
    await engine.send('ping', { to: phone(0) });
    await engine.idle();
    await place.proxy.down();
    const waiting = engine.send('ping', { to: phone(1) }).catch((error: { code: string }) => error.code);
    await engine.stop();
    expect(await waiting).toBe('ENGINE_STOPPED');
    await place.drop();
  }, 20_000);
});
