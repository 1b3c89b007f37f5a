import { expect } from 'vitest';
import { type ContractCase, rejectsWith } from '../contract-case.ts';
import { messageUpdate, only, putMessage, putMessages, readMessage, write } from './rows.ts';
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
