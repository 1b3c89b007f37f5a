import type { BroadcastWrite } from '@tidings/core/spec';
import { expect } from 'vitest';
import { type ContractCase, rejectsWith } from '../contract-case.ts';
import { newId, newNotification, notificationUpdate, only, putMessage, readNotification, write } from './rows.ts';
import type { StoreTrial } from './store-trial.ts';

/** Runs and broadcasts. */
export const notificationCases: readonly ContractCase<StoreTrial>[] = [
  {
    name: 'notification-as-it-was-given',
    async run({ store, scope }) {
      const given = newNotification({
        scope,
        contactId: newId(),
        category: 'billing',
        language: 'sv-SE',
        payload: '{"company":"ACME"}',
        options: '{"from":null}',
        cursors: '[1]',
        openSteps: 3,
        traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
        requestId: 'request 1',
        errorCode: 'EXPIRED',
        error: 'too late',
      });
      await write(store, { notifications: { insert: [given] } });
      const { dueIn, expiresIn, completed, ...columns } = given;
      expect(await readNotification(store, given)).toEqual({
        ...columns,
        ...{
          version: 1,
          dueAt: null,
          leaseUntil: null,
          completedAt: null,
          expiresAt: null,
          createdAt: expect.any(Number),
        },
      });
    },
  },
  {
    name: 'S26 notification-guarded-by-version',
    async run({ store, scope }) {
      const { notificationId: id } = await putMessage(store, scope);
      const before = await readNotification(store, { scope, id });
      const change = notificationUpdate(before, {
        ...{
          status: 'waiting' as const,
          cursors: '[2]',
          openSteps: 2,
          dueIn: 5_000,
          leaseIn: 9_000,
          errorCode: 'EXPIRED',
          error: 'late',
        },
      });
      await write(store, { notifications: { update: [change] } });
      await rejectsWith(
        'STORE_CONFLICT',
        write(store, { notifications: { update: [{ ...change, status: 'failed' }] } }, 2),
      );
      const after = await readNotification(store, { scope, id });
      expect(after).toMatchObject({
        status: 'waiting',
        version: 2,
        cursors: '[2]',
        openSteps: 2,
        errorCode: 'EXPIRED',
        error: 'late',
      });
      expect((after.leaseUntil ?? 0) - (after.dueAt ?? 0)).toBe(4_000);
      const cleared = notificationUpdate(after, {
        status: 'completed',
        completed: true,
        cursors: null,
        errorCode: null,
        error: null,
      });
      await write(store, { notifications: { update: [cleared] } });
      const end = await readNotification(store, { scope, id });
      expect(end).toMatchObject({
        version: 3,
        cursors: null,
        dueAt: null,
        leaseUntil: null,
        errorCode: null,
        error: null,
      });
      expect(end.completedAt).toBeGreaterThanOrEqual(end.createdAt);
    },
  },
  {
    name: 'active-key: one running notification, free when it ends',
    async run({ store, scope, otherScope }) {
      const first = newNotification({ scope, activeKey: 'cart 7' });
      await write(store, { notifications: { insert: [first] } });
      const next = newNotification({ scope, activeKey: 'cart 7' });
      await rejectsWith('STORE_CONFLICT', write(store, { notifications: { insert: [next] } }, 2));
      await write(store, {
        notifications: { insert: [{ ...next, scope: otherScope }, newNotification({ scope, activeKey: 'CART 7' })] },
      });
      const end = notificationUpdate(await readNotification(store, first), { status: 'stopped', completed: true });
      await write(store, { notifications: { update: [end] } });
      await write(store, { notifications: { insert: [next] } });
    },
  },
  {
    name: 'S29 broadcast-recipients-unique',
    async run({ store, scope, otherScope }) {
      const keys = ['abc', 'ABC', 'abc ', 'ábc'];
      const chunk = keys.map((recipientKey) => newNotification({ scope, broadcastId: 'launch', recipientKey }));
      await write(store, { notifications: { insert: chunk } });
      const again = newNotification({ scope, broadcastId: 'launch', recipientKey: 'abc' });
      await rejectsWith('STORE_CONFLICT', write(store, { notifications: { insert: [again] } }, 2));
      await write(store, {
        notifications: {
          insert: [
            { ...again, scope: otherScope },
            { ...again, broadcastId: 'relaunch' },
          ],
        },
      });
      const { recipients } = await store.load({
        recipients: ['abc', 'ábc', 'nobody', 'abc'].map((key) => ({ scope, broadcastId: 'launch', key })),
      });
      expect([...recipients].sort((one, other) => (one.key < other.key ? -1 : 1))).toEqual([
        { scope, broadcastId: 'launch', key: 'abc', notificationId: chunk[0]?.id },
        { scope, broadcastId: 'launch', key: 'ábc', notificationId: chunk[3]?.id },
      ]);
    },
  },
  {
    name: 'broadcast-adds-up',
    needs: ['advance'],
    async run({ store, scope, advance }) {
      const chunk: BroadcastWrite = {
        ...{
          scope,
          id: 'launch',
          event: 'welcome',
          cursor: '{"after":2}',
          status: 'running',
          accepted: 2,
          rejected: 1,
        },
      };
      const read = async (): Promise<unknown> => only((await store.load({ broadcasts: [chunk] })).broadcasts);
      await write(store, { broadcasts: [chunk] });
      const first = (await read()) as { createdAt: number };
      expect(first).toEqual({ ...chunk, createdAt: first.createdAt, completedAt: null });
      await advance(1_000);
      const last: BroadcastWrite = { ...chunk, cursor: null, status: 'completed', accepted: 3, rejected: 0 };
      await write(store, { broadcasts: [last] });
      const { createdAt } = first;
      expect(await read()).toEqual({ ...last, accepted: 5, rejected: 1, createdAt, completedAt: createdAt + 1_000 });
    },
  },
];
