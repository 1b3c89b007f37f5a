import type { NewMessage, Priority } from '@tidings/core/spec';
import { expect } from 'vitest';
import type { ContractCase } from '../contract-case.ts';
import { effort } from '../effort.ts';
import {
  messageUpdate,
  newId,
  newMessage,
  newNotification,
  only,
  putContact,
  putMessage,
  putMessages,
  readMessage,
  write,
} from './rows.ts';
import type { StoreTrial } from './store-trial.ts';

/** Which messages a claim gives, and what with them. */
export const claimCases: readonly ContractCase<StoreTrial>[] = [
  {
    name: 'S17 claim-exclusive: no row twice, none left',
    async run({ store, scope, lane, claim }) {
      const count = effort({ quick: 300, ci: 1_000, verify: 10_000 });
      const put = await putMessages(
        store,
        scope,
        Array.from({ length: count }, () => ({ lane })),
      );
      const claimed: string[] = [];
      const claimer = async (): Promise<void> => {
        for (let idle = 0; idle < 3 && claimed.length <= count; ) {
          const got = await claim(7);
          claimed.push(...got.map(({ message }) => message.id));
          idle = got.length === 0 ? idle + 1 : 0;
        }
      };
      await Promise.all(Array.from({ length: 8 }, claimer));
      expect(claimed).toHaveLength(count);
      expect(new Set(claimed)).toEqual(new Set(put.map(({ id }) => id)));
    },
  },
  {
    name: 'claim-leases: epoch raised, lease set, nothing else changed',
    async run({ store, scope, lane }) {
      const put = await putMessage(store, scope, { lane });
      const before = await readMessage(store, put);
      const { now, messages } = await store.claim({ lanes: [{ lane, limit: 1 }], leaseMs: 45_000 });
      const { message, lapsed } = only(messages);
      expect(lapsed).toBe(false);
      expect(message).toEqual({ ...before, epoch: 2, leaseUntil: now + 45_000, dueAt: now + 45_000 });
      expect(await readMessage(store, put)).toEqual(message);
    },
  },
  {
    name: 'S18 claim-respects-due',
    needs: ['advance'],
    async run({ store, scope, lane, claim, advance }) {
      await putMessages(store, scope, [
        { lane, dueIn: 5_000 },
        { lane, dueIn: null },
        { lane, dueIn: 0, leaseIn: 9_000 },
      ]);
      expect(await claim()).toEqual([]);
      await advance(4_999);
      expect(await claim()).toEqual([]);
      await advance(1);
      expect((await claim()).map(({ lapsed }) => lapsed)).toEqual([false]);
      await advance(3_999);
      expect(await claim()).toEqual([]);
      await advance(1);
      expect((await claim()).map(({ lapsed }) => lapsed)).toEqual([true]);
    },
  },
  {
    name: 'S19 claim-priority-order: band first, then the earlier due',
    needs: ['advance'],
    async run({ store, scope, lane, claim, advance }) {
      const of = (step: string, priority: Priority, dueIn: number): Partial<NewMessage> => ({
        lane,
        step,
        priority,
        dueIn,
      });
      await putMessages(store, scope, [
        of('bulk, long due', 2, 0),
        of('normal, later', 1, 900),
        of('urgent, later', 0, 800),
        of('normal, earlier', 1, 100),
        of('urgent, earlier', 0, 700),
        of('bulk, earlier yet', 2, 0),
      ]);
      await advance(1_000);
      const order: string[] = [];
      for (let left = 6; left > 0; left -= 2) order.push(...(await claim(2)).map(({ message }) => message.step).sort());
      expect(order.slice(0, 4)).toEqual(['urgent, earlier', 'urgent, later', 'normal, earlier', 'normal, later']);
      expect(order).toHaveLength(6);
    },
  },
  {
    name: 'S20 claim-skips-locked: claims and changes at once',
    async run({ store, scope, lane, claim }) {
      const rounds = effort({ quick: 10, ci: 30, verify: 200 });
      for (let round = 0; round < rounds; round += 1) {
        const put = await putMessages(
          store,
          scope,
          Array.from({ length: 20 }, () => ({ lane })),
        );
        const touch = store.commit({
          kind: 'cancel',
          attempts: 100,
          reads: { messages: put.slice(0, 10), lock: true },
          decide: ({ messages }) => ({
            writes: { messages: { update: messages.map((row) => messageUpdate(row, { status: 'cancelled' })) } },
            result: undefined,
          }),
        });
        const got = await Promise.all([claim(20), claim(20), touch]);
        const claimed = [...got[0], ...got[1], ...(await claim(20))].map(({ message }) => message.id);
        expect(new Set(claimed).size).toBe(claimed.length);
        expect(claimed).toEqual(expect.arrayContaining(put.slice(10).map(({ id }) => id)));
        for (const { id } of put.slice(0, 10))
          expect((await readMessage(store, { scope, id })).status).toBe('cancelled');
      }
    },
  },
  {
    name: 'claim-honours-lanes-and-limits',
    async run({ store, scope, lane }) {
      await putMessages(store, scope, [
        { lane },
        { lane },
        { lane },
        { lane: `${lane} b` },
        { lane: `${lane} b` },
        { lane: `${lane} c` },
      ]);
      await putMessage(store, scope, { lane: lane.toUpperCase() });
      const request = {
        lanes: [
          { lane, limit: 2 },
          { lane: `${lane} b`, limit: 9 },
        ],
        leaseMs: 60_000,
      };
      const claimed = async (): Promise<string[]> =>
        (await store.claim(request)).messages.map(({ message }) => message.lane).sort();
      expect(await claimed()).toEqual([lane, lane, `${lane} b`, `${lane} b`]);
      expect(await claimed()).toEqual([lane]);
      expect(await claimed()).toEqual([]);
    },
  },
  {
    name: 'claim-serves-every-scope',
    async run({ store, scope, otherScope, lane, claim }) {
      const id = newId();
      await putMessage(store, scope, { lane, id, address: 'one@example.com' });
      await putMessage(store, otherScope, { lane, id, address: 'other@example.com' });
      const got = await claim();
      const pairs = got.map(({ message, notification }) => [message.scope, notification.scope, message.address]);
      expect(pairs.sort((one, other) => Number(one[0]) - Number(other[0]))).toEqual(
        [
          [scope, scope, 'one@example.com'],
          [otherScope, otherScope, 'other@example.com'],
        ].sort((one, other) => Number(one[0]) - Number(other[0])),
      );
    },
  },
  {
    name: 'claim-brings-what-a-delivery-needs',
    async run({ store, scope, lane, claim }) {
      const contact = await putContact(store, scope, 'email', 'jane@example.com', { data: '{"name":"Jane"}' });
      const run = newNotification({ scope, contactId: contact.id, payload: '{"company":"ACME"}' });
      const mine = newMessage({ scope, notificationId: run.id, contactId: contact.id, lane });
      const sibling = newMessage({ scope, notificationId: run.id, contactId: contact.id, lane: `${lane} b` });
      await write(store, {
        notifications: { insert: [run] },
        messages: { insert: [mine, sibling] },
        contents: [{ scope, messageId: mine.id, content: '{"subject":"Hi"}' }],
      });
      const loner = await putMessage(store, scope, { lane });
      const got = new Map((await claim()).map((claimed) => [claimed.message.id, claimed]));
      const facts = await store.load({ contacts: [contact], notifications: [run] });
      expect(got.get(mine.id)).toMatchObject({
        siblings: 2,
        content: '{"subject":"Hi"}',
        notification: facts.notifications[0],
      });
      expect(got.get(mine.id)?.contact).toEqual(facts.contacts[0]);
      expect(got.get(loner.id)).toMatchObject({ siblings: 1, content: null, contact: null });
    },
  },
  {
    name: 'lane-pause: nothing until its end, the later end stays',
    needs: ['advance'],
    async run({ store, scope, lane, claim, advance }) {
      const open = `${lane} open`;
      await putMessages(store, scope, [{ lane }, { lane: open }]);
      await write(store, { lanes: [{ lane, pauseIn: 10_000 }] });
      await write(store, { lanes: [{ lane, pauseIn: 2_000 }] });
      const { messages, paused, nextDueIn } = await store.claim({
        lanes: [
          { lane, limit: 5 },
          { lane: open, limit: 5 },
        ],
        leaseMs: 60_000,
      });
      expect(messages.map(({ message }) => message.lane)).toEqual([open]);
      expect(paused).toEqual([{ lane, pauseIn: 10_000 }]);
      expect(nextDueIn).not.toBe(0);
      await advance(9_999);
      expect(await claim()).toEqual([]);
      await advance(1);
      expect(await claim()).toHaveLength(1);
    },
  },
  {
    name: 'next-due-in',
    needs: ['advance'],
    async run({ store, scope, lane, advance }) {
      const next = async (limit = 1): Promise<number | null> =>
        (await store.claim({ lanes: [{ lane, limit }], leaseMs: 60_000 })).nextDueIn;
      expect(await next()).toBeNull();
      await putMessages(store, scope, [
        { lane, dueIn: 8_000 },
        { lane, dueIn: 5_000, priority: 2 },
        { lane: `${lane} b`, dueIn: 10 },
      ]);
      expect(await next()).toBe(5_000);
      await advance(3_000);
      expect(await next()).toBe(2_000);
      await putMessages(store, scope, [{ lane }, { lane }]);
      expect(await next(1)).toBe(0);
      expect(await next(1)).toBe(2_000);
    },
  },
  {
    name: 'stranded: rows of lanes nobody serves',
    needs: ['advance'],
    async run({ fresh }) {
      const { store, advance } = await fresh();
      await store.migrate();
      const scope = await store.scope('default', 'live');
      await putMessages(store, scope, [
        { lane: 'old' },
        { lane: 'older' },
        { lane: 'mine' },
        { lane: 'paused' },
        { lane: 'old', dueIn: 4_000 },
      ]);
      await write(store, { lanes: [{ lane: 'paused', pauseIn: 60_000 }] });
      const stranded = { known: ['mine', 'other'], strandedMs: 5_000, limit: 10 };
      const lanes = async (limit = 10): Promise<string[]> =>
        (
          await store.claim({ lanes: [{ lane: 'other', limit: 5 }], leaseMs: 60_000, stranded: { ...stranded, limit } })
        ).messages
          .map(({ message }) => message.lane)
          .sort();
      await advance?.(4_000);
      expect(await lanes()).toEqual([]);
      await advance?.(2_000);
      expect(await lanes(1)).toHaveLength(1);
      expect(await lanes()).toHaveLength(1);
      expect(await lanes()).toEqual([]);
      const mine = await store.claim({
        lanes: [
          { lane: 'mine', limit: 5 },
          { lane: 'old', limit: 5 },
        ],
        leaseMs: 60_000,
      });
      expect(mine.messages.map(({ message }) => message.lane).sort()).toEqual(['mine', 'old']);
    },
  },
];
