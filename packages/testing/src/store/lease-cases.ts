import { expect } from 'vitest';
import { type ContractCase, rejectsWith } from '../contract-case.ts';
import { messageUpdate, newId, only, putMessage, putMessages, readMessage, write } from './rows.ts';
import type { StoreTrial } from './store-trial.ts';

/** What a lease keeps away, and what happens when it lapses. */
export const leaseCases: readonly ContractCase<StoreTrial>[] = [
  {
    name: 'S21 lease-expiry-reclaim: lapsed, and the epoch raised',
    needs: ['advance'],
    async run({ store, scope, lane, claim, advance }) {
      await putMessage(store, scope, { lane });
      const first = only(await claim(1, 10_000));
      await advance(9_999);
      expect(await claim()).toEqual([]);
      await advance(1);
      const second = only(await claim(1, 10_000));
      expect([first.lapsed, second.lapsed]).toEqual([false, true]);
      expect([first.message.epoch, second.message.epoch]).toEqual([2, 3]);
      await rejectsWith(
        'STORE_CONFLICT',
        write(store, { messages: { update: [messageUpdate(first.message, { status: 'sent' })] } }, 2),
      );
      await write(store, { messages: { update: [messageUpdate(second.message, { status: 'sent' })] } });
      await advance(100_000);
      expect(await claim()).toEqual([]);
    },
  },
  {
    name: 'a-lapsed-lease-still-settles-when-nobody-took-it',
    needs: ['advance'],
    async run({ store, scope, lane, claim, advance }) {
      await putMessage(store, scope, { lane });
      const { message } = only(await claim(1, 10_000));
      await advance(20_000);
      await write(store, { messages: { update: [messageUpdate(message, { status: 'sent' })] } });
      expect(await claim()).toEqual([]);
    },
  },
  {
    name: 'reclaim-tells-that-a-call-had-begun',
    needs: ['advance'],
    async run({ store, scope, lane, claim, advance }) {
      await putMessage(store, scope, { lane });
      const { message } = only(await claim());
      await write(store, { messages: { update: [messageUpdate(message, { calling: true, leaseIn: 30_000 })] } });
      const { callingAt } = await readMessage(store, message);
      await advance(29_999);
      expect(await claim()).toEqual([]);
      await advance(1);
      const again = only(await claim());
      expect(again).toMatchObject({ lapsed: true, message: { callingAt, epoch: 4 } });
    },
  },
  {
    name: 'a-settled-retry-is-not-lapsed',
    needs: ['advance'],
    async run({ store, scope, lane, claim, advance }) {
      await putMessage(store, scope, { lane });
      const { message } = only(await claim());
      await write(store, { messages: { update: [messageUpdate(message, { attempts: 1, dueIn: 5_000 })] } });
      expect(await claim()).toEqual([]);
      await advance(5_000);
      expect(only(await claim())).toMatchObject({ lapsed: false, message: { attempts: 1, epoch: 4 } });
    },
  },
  {
    name: 'a-change-moves-between-lanes',
    async run({ store, scope, lane, claim }) {
      const put = await putMessages(store, scope, [{ lane }, { lane }]);
      const row = await readMessage(store, { scope, id: put[0]?.id ?? '' });
      const other = `${lane} other`;
      await write(store, { messages: { update: [messageUpdate(row, { lane: other, dueIn: 0 })] } });
      expect((await claim()).map(({ message }) => message.id)).toEqual([put[1]?.id]);
      const moved = await store.claim({ lanes: [{ lane: other, limit: 5 }], leaseMs: 60_000 });
      expect(only(moved.messages).message).toMatchObject({ id: row.id, lane: other });
    },
  },
  {
    name: 'S22 heartbeat-extends: the lease lasts from now, nothing else changes',
    needs: ['advance'],
    async run({ store, scope, lane, claim, advance }) {
      const put = await putMessages(store, scope, [{ lane }, { lane }, { lane }]);
      const leased = await claim(3, 10_000);
      await advance(9_000);
      const [kept, lapsed, left] = leased.map(({ message }) => message);
      if (!kept || !lapsed || !left) throw new Error('Three were put.');
      expect(await store.renew([kept], 10_000)).toEqual({ lost: [], skipped: [] });
      await advance(2_000);
      // nobody has taken it, so it is still its holder's
      expect(await store.renew([lapsed], 10_000)).toEqual({ lost: [], skipped: [] });
      expect((await claim(10, 10_000)).map(({ message }) => message.id)).toEqual([left.id]);
      for (const [before, from] of [
        [kept, 9_000],
        [lapsed, 11_000],
      ] as const) {
        const leaseUntil = (before.leaseUntil ?? 0) + from;
        expect(await readMessage(store, before)).toEqual({ ...before, leaseUntil, dueAt: leaseUntil });
      }
      await advance(8_000);
      expect(only(await claim(10, 10_000))).toMatchObject({ lapsed: true, message: { id: kept.id, epoch: 3 } });
      await write(store, { messages: { update: [messageUpdate(lapsed, { status: 'sent' })] } });
      expect(put).toHaveLength(3);
    },
  },
  {
    name: 'S23 heartbeat-lost-reported: taken, settled, cancelled, never there',
    needs: ['advance'],
    async run({ store, scope, lane, claim, advance }) {
      await putMessages(store, scope, [{ lane }, { lane }, { lane }, { lane }]);
      const leases = (await claim(4, 10_000)).map(({ message }) => message);
      const [held, taken, settled, retried] = leases;
      if (!held || !taken || !settled || !retried) throw new Error('Four were put.');
      await store.renew([held, settled, retried], 60_000);
      await advance(10_000);
      const again = only(await claim(4, 10_000)).message;
      expect(again.id).toBe(taken.id);
      await write(store, {
        messages: {
          update: [messageUpdate(settled, { status: 'sent' }), messageUpdate(retried, { attempts: 1, dueIn: 5_000 })],
        },
      });
      const before = await readMessage(store, again);
      const nobody = { scope, id: newId(), epoch: 1 };
      const asked = [held, taken, settled, retried, nobody, { ...retried, epoch: retried.epoch + 1 }];
      const keys = asked.map(({ scope: of, id, epoch }) => ({ scope: of, id, epoch }));
      const { lost, skipped } = await store.renew(keys, 60_000);
      expect(lost).toEqual(keys.slice(1));
      expect(skipped).toEqual([]);
      expect(await readMessage(store, again)).toEqual(before);
      await write(store, { messages: { update: [messageUpdate(held, { status: 'sent' })] } });
    },
  },
  {
    name: 'heartbeat-of-a-foreign-scope-changes-nothing',
    async run({ store, scope, otherScope, lane, claim }) {
      await putMessage(store, scope, { lane });
      const { message } = only(await claim());
      const foreign = { scope: otherScope, id: message.id, epoch: message.epoch };
      expect(await store.renew([foreign], 600_000)).toEqual({ lost: [foreign], skipped: [] });
      expect(await readMessage(store, message)).toEqual(message);
    },
  },
  {
    name: 'heartbeat-of-many-and-of-none',
    async run({ store, scope, lane, claim }) {
      await putMessages(
        store,
        scope,
        Array.from({ length: 500 }, () => ({ lane })),
      );
      const leases = (await claim(500)).map(({ message: { id, epoch } }) => ({ scope, id, epoch }));
      expect(await store.renew(leases, 90_000)).toEqual({ lost: [], skipped: [] });
      expect(await store.renew([], 90_000)).toEqual({ lost: [], skipped: [] });
      expect(await claim()).toEqual([]);
    },
  },
  {
    name: 'heartbeat-and-claim: of the two exactly one gets a lapsed row',
    needs: ['advance'],
    async run({ store, scope, lane, claim, advance }) {
      await putMessages(
        store,
        scope,
        Array.from({ length: 40 }, () => ({ lane })),
      );
      const leases = (await claim(40, 1_000)).map(({ message: { id, epoch } }) => ({ scope, id, epoch }));
      await advance(1_000);
      const [{ lost, skipped }, claimed] = await Promise.all([store.renew(leases, 60_000), claim(40, 60_000)]);
      const after = await store.renew(leases, 60_000);
      const ours = leases.filter((lease) => !after.lost.includes(lease)).map(({ id }) => id);
      const theirs = claimed.map(({ message }) => message.id);
      expect(ours.filter((id) => theirs.includes(id))).toEqual([]);
      // what was renewed was not taken afterwards
      const renewed = leases.filter((lease) => !lost.includes(lease) && !skipped.includes(lease));
      expect(renewed.filter(({ id }) => theirs.includes(id))).toEqual([]);
    },
  },
  {
    name: 'a-cancel-fences-the-holder',
    async run({ store, scope, lane, claim }) {
      await putMessage(store, scope, { lane });
      const { message } = only(await claim());
      await store.commit({
        kind: 'cancel',
        reads: { messages: [message] },
        decide: ({ messages }) => ({
          writes: { messages: { update: [messageUpdate(only(messages), { status: 'cancelled' })] } },
          result: undefined,
        }),
      });
      await rejectsWith(
        'STORE_CONFLICT',
        write(store, { messages: { update: [messageUpdate(message, { status: 'sent' })] } }, 2),
      );
      expect((await readMessage(store, message)).status).toBe('cancelled');
      expect(await claim()).toEqual([]);
    },
  },
];
