import { defineEvent, type Outcome } from '@tidings/core';
import { expect } from 'vitest';
import { z } from 'zod';
import type { ContractCase } from '../contract-case.ts';
import { effort } from '../effort.ts';
import { fakeRandom } from '../fake-clock.ts';
import { type EngineTrial, trialEvents } from './engine-trial.ts';

const outcomes: readonly Outcome[] = [
  { outcome: 'accepted' },
  { outcome: 'retry', reason: 'drawn' },
  { outcome: 'unknown', reason: 'drawn' },
];

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** The trial's `note`, held for some turns of the event loop between its lease and its call. */
function slowToRender(held: () => number): typeof trialEvents.note {
  const text = async (): Promise<string> => {
    await turns(held());
    return 'x';
  };
  return defineEvent({
    payload: z.object({ text: z.string() }),
    templates: { email: { en: { subject: 'Note', text } }, sms: { en: { text: 'x' } } },
  });
}

/** What became of one race: when the stop resolved, and what it promised. */
interface Race {
  readonly address: string;
  readonly action: 'suppress' | 'cancel';
  /** The send had resolved before the stop was asked for. */
  readonly sentFirst: boolean;
  readonly resolvedAt: number;
  readonly cancelled: number;
  readonly alreadyHandedOver: number;
}

/** Cancel and suppress against send, claim and retry, on two engines that share a store. */
export const stopCases: readonly ContractCase<EngineTrial>[] = [
  {
    name: 'E13 no call begins after a stop that counted it, and no retry follows one that could not',
    async run({ tenant, another, email }) {
      const seed = Number(process.env.TIDINGS_SEED ?? Date.now() % 1_000_000);
      const random = fakeRandom(seed);
      const draw = (below: number): number => Math.floor(random.fraction() * below);
      // Retries wait long enough to be met by a stop. Failures drawn in a row would open a circuit, which waits in real time.
      const delivery = { retry: { baseMs: 40, factor: 1, capMs: 40 }, circuit: { openMs: 1 } };
      const events = { ...trialEvents, note: slowToRender(() => draw(4)) };
      const [engine, other] = [another({ delivery, events }), another({ delivery, events })];
      await Promise.all([engine.start(), other.start()]);
      const begun = new Map<string, number[]>();
      let tick = 0;
      email.fail(async ({ to }) => {
        tick += 1;
        begun.set(to, [...(begun.get(to) ?? []), tick]);
        const outcome = outcomes[draw(outcomes.length)] as Outcome;
        await turns(draw(30));
        return outcome;
      });
      const races: Race[] = [];
      type Engine = typeof engine;
      const race = async (n: number, engines: readonly [Engine, Engine]): Promise<void> => {
        const address = `race${n}@example.com`;
        const action = draw(2) === 0 ? 'suppress' : 'cancel';
        const [sender, stopper] = [engines[draw(2)] as Engine, engines[draw(2)] as Engine];
        const sentFirst = draw(2) === 0;
        const sent = sender.send('note', { to: address, payload: { text: 'x' } });
        if (sentFirst) await sent;
        await turns(draw(8));
        const stopped = await (action === 'suppress'
          ? stopper.suppressions.add({ address, reason: 'unsubscribed' })
          : stopper.cancel('note', { to: address }));
        tick += 1;
        races.push({ address, action, sentFirst, resolvedAt: tick, ...stopped });
        await sent;
        if (action === 'suppress') await sender.send('note', { to: address, payload: { text: 'too late' } });
      };
      const met = (): boolean =>
        races.some(({ cancelled }) => cancelled > 0) && races.some(({ alreadyHandedOver }) => alreadyHandedOver > 0);
      const count = effort({ quick: 50, ci: 500, verify: 25_000 });
      const atOnce = Math.min(count, 250);
      const statuses = new Set<string>();
      // A fast store may settle a whole round before the first stop: then nothing was raced yet.
      for (let start = 0; start < count || (!met() && start < 20 * count); start += atOnce) {
        // Each round in a scope of its own, so that a long run does not search ever longer lists.
        const scope = { tenant: `${tenant}-${start}` };
        const engines = [engine.for(scope), other.for(scope)] as const;
        await Promise.all(Array.from({ length: atOnce }, (_, n) => race(start + n, engines)));
        while ((await engines[0].messages.list({ status: 'queued', limit: 1 })).items.length > 0) {
          await Promise.all([engine.idle(), other.idle(), turns(1)]);
        }
        for (let cursor: string | undefined; ; ) {
          const page = await engines[0].messages.list({ limit: 500, ...(cursor === undefined ? {} : { cursor }) });
          for (const { status } of page.items) statuses.add(status);
          if (page.cursor === null) break;
          ({ cursor } = page);
        }
      }
      const broken = races.filter(({ address, action, sentFirst, resolvedAt, alreadyHandedOver }) => {
        // A send that came after a cancel is not concerned by it; one after a suppression is.
        if (action === 'cancel' && !sentFirst) return false;
        const after = (begun.get(address) ?? []).filter((at) => at > resolvedAt);
        return after.length > alreadyHandedOver;
      });
      expect(broken, `seed ${seed}`).toEqual([]);
      expect(met(), `seed ${seed}`).toBe(true);
      for (const status of statuses) {
        expect(['sent', 'suppressed', 'cancelled', 'unknown', 'failed']).toContain(status);
      }
    },
  },
  {
    name: 'E14 a person is erased in chunks, while sends to others and to the person go on',
    async run({ store, tenant, engine, another, email, settled }) {
      const order: string[] = [];
      const chunks = new Proxy(store, {
        get(target, key) {
          const value: unknown = Reflect.get(target, key, target);
          if (key === 'close') return async () => {};
          if (key === 'erase') {
            return async (...given: Parameters<typeof target.erase>) => {
              const result = await target.erase(...given);
              order.push('chunk');
              return result;
            };
          }
          return typeof value === 'function' ? value.bind(target) : value;
        },
      });
      const eraser = another({ store: chunks, role: 'producer' });
      const count = effort({ quick: 1000, ci: 2000, verify: 10_000 });
      const erased = 'erased@example.com';
      for (let made = 0; made < count; made += 500) {
        await eraser.send('note', { to: Array.from({ length: 500 }, () => erased), payload: { text: 'canary' } });
      }
      const before = await engine.contacts.get(erased);
      engine.on('message.sent', () => order.push('sent'));
      await engine.start();
      let done = false;
      const erasing = eraser.contacts.delete(erased).finally(() => {
        done = true;
      });
      let sends = 0;
      while (!done && sends < 5000) {
        sends += 1;
        await engine.send('note', { to: 'stays@example.com', payload: { text: 'x' } });
        if (sends % 10 === 0 && sends < 100) await engine.send('note', { to: erased, payload: { text: 'canary' } });
      }
      await erasing;
      const first = order.indexOf('chunk');
      expect(order.slice(first, order.lastIndexOf('chunk'))).toContain('sent');
      const after = await engine.send('note', { to: erased, payload: { text: 'new' } });
      await settled();
      const now = await engine.notifications.get(after.id);
      expect(now.contactId).not.toBeNull();
      expect(now.contactId).not.toBe(before.id);
      const query = { scope: await store.scope(tenant, 'live'), limit: 1, contactId: before.id };
      expect((await store.listMessages(query)).items).toEqual([]);
      expect((await store.listNotifications(query)).items).toEqual([]);
      expect(email.messages.filter(({ to }) => to === 'stays@example.com')).toHaveLength(sends);
    },
  },
];
