import type { Pruned, PruneRequest, RowKey, ScopeId, Store } from '@tidings/core/spec';
import { expect } from 'vitest';
import { type ContractCase, rejectsWith } from '../contract-case.ts';
import {
  messageUpdate,
  newIdempotency,
  newMessage,
  newNotification,
  newSuppression,
  putContact,
  putMessage,
  readKey,
  readMessage,
  write,
} from './rows.ts';
import type { StoreTrial } from './store-trial.ts';

const day = 86_400_000;
const all: PruneRequest = { contentsOlderMs: 30 * day, finishedOlderMs: 90 * day, limit: 100 };
const nothing = { contents: 0, notifications: 0, messages: 0, idempotency: 0, done: true, cursor: null };

/** A notification that has ended, whatever its messages do. */
const done = { status: 'stopped', completed: true } as const;

/** A store of its own: what is removed is removed for every scope. */
async function alone(trial: StoreTrial): Promise<{ store: Store; scope: ScopeId; advance(ms: number): Promise<void> }> {
  const { store, advance } = await trial.fresh();
  await store.migrate();
  return { store, scope: await store.scope('tenant', 'live'), advance: async (ms) => advance?.(ms) };
}

/** A notification that has ended, with a message that was sent, and what was rendered. */
async function ended(store: Store, scope: ScopeId, run: object = {}): Promise<{ message: RowKey; run: RowKey }> {
  const notification = newNotification({ scope, status: 'completed', completed: true, ...run });
  const message = newMessage({ scope, notificationId: notification.id, status: 'failed', dueIn: null });
  await write(store, {
    notifications: { insert: [notification] },
    messages: { insert: [message] },
    contents: [{ scope, messageId: message.id, content: '{}' }],
  });
  return { message, run: { scope, id: notification.id } };
}

async function left(store: Store, rows: readonly { message: RowKey; run: RowKey }[]): Promise<readonly number[]> {
  const facts = await store.load({
    notifications: rows.map(({ run }) => run),
    messages: rows.map(({ message }) => message),
    contents: rows.map(({ message }) => message),
  });
  return [facts.notifications.length, facts.messages.length, facts.contents.length];
}

/** One run: each call goes on where the one before it ended. `between` two calls. */
async function pruneAll(
  store: Store,
  request: PruneRequest,
  between: (call: number) => Promise<void> = async () => {},
): Promise<{ calls: number; sum: Omit<Pruned, 'done' | 'cursor'> }> {
  const sum = { contents: 0, notifications: 0, messages: 0, idempotency: 0 };
  let cursor: string | null = null;
  for (let calls = 1; calls <= 500; calls += 1) {
    const pruned: Pruned = await store.prune({ ...request, cursor });
    for (const kind of Object.keys(sum) as (keyof typeof sum)[]) sum[kind] += pruned[kind];
    expect(pruned.cursor === null).toBe(pruned.done);
    if (pruned.done) return { calls, sum };
    ({ cursor } = pruned);
    await between(calls);
  }
  return expect.fail('prune was never done');
}

/** Retention. */
export const pruneCases: readonly ContractCase<StoreTrial>[] = [
  {
    name: 'prune-contents-then-notifications, each when its time has come',
    needs: ['advance'],
    async run(trial) {
      const { store, scope, advance } = await alone(trial);
      const rows = [await ended(store, scope), await ended(store, scope)];
      await advance(30 * day - 1);
      expect(await store.prune(all)).toEqual(nothing);
      await advance(1);
      const young = await ended(store, scope);
      expect(await store.prune(all)).toEqual({ ...nothing, contents: 2 });
      expect(await left(store, rows)).toEqual([2, 2, 0]);
      await advance(60 * day - 1);
      expect(await store.prune({ ...all, contentsOlderMs: null })).toEqual(nothing);
      await advance(1);
      expect(await store.prune({ ...all, finishedOlderMs: null, contentsOlderMs: null })).toEqual(nothing);
      expect(await store.prune({ ...all, contentsOlderMs: null })).toEqual({
        ...nothing,
        notifications: 2,
        messages: 2,
      });
      expect(await left(store, rows)).toEqual([0, 0, 0]);
      expect(await left(store, [young])).toEqual([1, 1, 1]);
      const query = { scope, limit: 10 };
      expect((await store.listNotifications(query)).items).toHaveLength(1);
      expect((await store.listMessages(query)).items).toHaveLength(1);
    },
  },
  {
    name: 'prune-takes-contents-along',
    needs: ['advance'],
    async run(trial) {
      const { store, scope, advance } = await alone(trial);
      const rows = [await ended(store, scope)];
      await advance(90 * day);
      const pruned = await store.prune({ ...all, contentsOlderMs: null });
      expect(pruned).toEqual({ contents: 1, notifications: 1, messages: 1, idempotency: 0, done: true, cursor: null });
      expect(await left(store, rows)).toEqual([0, 0, 0]);
    },
  },
  {
    name: 'prune-never-touches-open-work',
    needs: ['advance'],
    async run(trial) {
      const { store, scope, advance } = await alone(trial);
      const waiting = await putMessage(store, scope, { dueIn: null });
      const held = await putMessage(store, scope, { leaseIn: 1000 }, { status: 'stopped', completed: true });
      for (const { id } of [waiting, held]) await write(store, { contents: [{ scope, messageId: id, content: '{}' }] });
      await advance(1000 * day);
      expect(await pruneAll(store, all)).toEqual({
        calls: 1,
        sum: { contents: 0, notifications: 0, messages: 0, idempotency: 0 },
      });
      const rows = [waiting, held].map((row) => ({ message: row, run: { scope, id: row.notificationId } }));
      expect(await left(store, rows)).toEqual([2, 2, 2]);
      const row = await readMessage(store, held);
      await write(store, { messages: { update: [messageUpdate(row, { status: 'sent' })] } });
      expect(await store.prune(all)).toMatchObject({ contents: 1, notifications: 1, messages: 1 });
      expect(await left(store, rows)).toEqual([1, 1, 1]);
    },
  },
  {
    name: 'prune-in-steps, over all scopes',
    needs: ['advance'],
    async run(trial) {
      const { store, scope, advance } = await alone(trial);
      const other = await store.scope('other', 'test');
      const rows = [];
      for (let n = 0; n < 12; n += 1) rows.push(await ended(store, n % 2 === 0 ? scope : other));
      await advance(90 * day);
      const { calls, sum } = await pruneAll(store, { ...all, limit: 5 });
      expect(calls).toBeGreaterThan(2);
      expect(sum).toEqual({ contents: 12, notifications: 12, messages: 12, idempotency: 0 });
      expect(await left(store, rows)).toEqual([0, 0, 0]);
    },
  },
  {
    name: 'prune-keeps-suppressions-and-contacts',
    needs: ['advance'],
    async run(trial) {
      const { store, scope, advance } = await alone(trial);
      const contact = await putContact(store, scope, 'email', 'jane@example.com');
      await write(store, { suppressions: { put: [newSuppression({ scope })] } });
      await ended(store, scope, { contactId: contact.id });
      await advance(10_000 * day);
      await pruneAll(store, all);
      const query = { scope, limit: 10 };
      expect((await store.listContacts(query)).items).toHaveLength(1);
      expect((await store.listSuppressions(query)).items).toHaveLength(1);
      expect(await store.erase(contact, 10)).toEqual({ done: true });
    },
  },
  {
    name: 'prune-removes-expired-keys-and-no-other',
    needs: ['advance'],
    async run(trial) {
      const { store, scope, advance } = await alone(trial);
      await write(store, {
        idempotency: [
          newIdempotency({ scope, key: 'short', expiresIn: 1000 }),
          newIdempotency({ scope, key: 'long', expiresIn: 2000 }),
        ],
      });
      await advance(1000);
      expect(await store.prune(all)).toEqual({ ...nothing, idempotency: 1 });
      expect(await readKey(store, scope, 'short')).toEqual([]);
      expect(await readKey(store, scope, 'long')).toHaveLength(1);
      await write(store, { idempotency: [newIdempotency({ scope, key: 'short', expiresIn: 1000 })] });
      expect(await store.prune(all)).toEqual(nothing);
    },
  },
  {
    name: 'prune-keeps-the-recipients-of-a-broadcast-that-may-be-resumed',
    needs: ['advance'],
    async run(trial) {
      const { store, scope, advance } = await alone(trial);
      const broadcast = { scope, event: 'welcome', cursor: null, accepted: 1, rejected: 0 };
      const recipients = ['going-on', 'over'].map((id) => ({ scope, broadcastId: id, key: 'jane' }));
      for (const { broadcastId } of recipients) await ended(store, scope, { broadcastId, recipientKey: 'jane' });
      await write(store, {
        broadcasts: recipients.map(({ broadcastId: id }) => ({ ...broadcast, id, status: 'running' })),
      });
      await advance(90 * day);
      expect(await store.prune(all)).toMatchObject({ notifications: 0, done: true });
      await write(store, { broadcasts: [{ ...broadcast, id: 'over', status: 'completed' }] });
      await advance(90 * day - 1);
      expect(await store.prune(all)).toMatchObject({ notifications: 0 });
      await advance(1);
      expect(await store.prune(all)).toMatchObject({ notifications: 1 });
      const facts = await store.load({
        recipients,
        broadcasts: recipients.map(({ broadcastId: id }) => ({ scope, id })),
      });
      expect(facts.recipients.map(({ broadcastId }) => broadcastId)).toEqual(['going-on']);
      expect(facts.broadcasts).toHaveLength(2);
    },
  },
  {
    name: 'prune-twice-at-once: each row by one',
    needs: ['advance'],
    async run(trial) {
      const { store, scope, advance } = await alone(trial);
      for (let n = 0; n < 30; n += 1) await ended(store, scope);
      await advance(90 * day);
      const pruners = await Promise.all([1, 2, 3].map(() => pruneAll(store, { ...all, limit: 4 })));
      const sum = (kind: 'contents' | 'notifications' | 'messages'): number =>
        pruners.reduce((total, pruned) => total + pruned.sum[kind], 0);
      expect([sum('contents'), sum('notifications'), sum('messages')]).toEqual([30, 30, 30]);
      expect((await store.listMessages({ scope, limit: 10 })).items).toEqual([]);
    },
  },
  {
    name: 'prune-passes-what-it-keeps: no row twice in a run',
    needs: ['advance'],
    async run(trial) {
      const { store, scope, advance } = await alone(trial);
      const other = await store.scope('other', 'test');
      // all at one time, of which a chunk sees a part
      const kept = [];
      for (let n = 0; n < 12; n += 1) {
        const its = n % 2 === 0 ? scope : other;
        kept.push(await ended(store, its, { broadcastId: 'going-on', recipientKey: `old-${n}` }));
      }
      await write(store, {
        broadcasts: [scope, other].map((its) => ({
          ...{ scope: its, id: 'going-on', event: 'welcome', cursor: null, accepted: 6, rejected: 0 },
          status: 'running',
        })),
      });
      await advance(1);
      const rows = [await ended(store, scope), await ended(store, other), await ended(store, scope)];
      await advance(90 * day);
      const request = { ...all, contentsOlderMs: null, limit: 4 };
      const first = await store.prune(request);
      expect(first).toMatchObject({ notifications: 0, done: false });
      const { calls, sum } = await pruneAll(store, request);
      expect(sum).toEqual({ contents: 3, notifications: 3, messages: 3, idempotency: 0 });
      expect(calls).toBeLessThanOrEqual(5);
      expect(await left(store, rows)).toEqual([0, 0, 0]);
      expect(await left(store, kept)).toEqual([12, 12, 12]);
      expect((await pruneAll(store, request)).sum.notifications).toBe(0);
    },
  },
  {
    name: 'prune-passes-what-it-keeps: contents of what is open',
    needs: ['advance'],
    async run(trial) {
      const { store, scope, advance } = await alone(trial);
      const open = [];
      for (let n = 0; n < 7; n += 1) open.push(await putMessage(store, scope, { dueIn: null }));
      await write(store, { contents: open.map(({ id }) => ({ scope, messageId: id, content: '{}' })) });
      const rows = [await ended(store, scope), await ended(store, scope)];
      await advance(30 * day);
      const { calls, sum } = await pruneAll(store, { ...all, finishedOlderMs: null, limit: 3 });
      expect(sum).toMatchObject({ contents: 2, notifications: 0 });
      expect(calls).toBeLessThanOrEqual(4);
      expect(await left(store, rows)).toEqual([2, 2, 0]);
    },
  },
  {
    name: 'prune-ends-while-rows-come, and the next run finds what came behind its back',
    needs: ['advance'],
    async run(trial) {
      const { store, scope, advance } = await alone(trial);
      const rows: RowKey[] = [];
      for (let n = 0; n < 3; n += 1) rows.push(await putMessage(store, scope, { dueIn: null }, done));
      for (let n = 0; n < 6; n += 1) await ended(store, scope);
      await advance(90 * day);
      // open at first, and passed; ended once they are behind the cursor
      const request = { ...all, limit: 3 };
      const run = await pruneAll(store, request, async (call) => {
        await ended(store, scope);
        if (call !== 1) return;
        for (const key of rows) {
          const row = await readMessage(store, key);
          await write(store, { messages: { update: [messageUpdate(row, { status: 'sent' })] } });
        }
      });
      expect(run.sum.notifications).toBe(6);
      expect((await pruneAll(store, request)).sum.notifications).toBe(3);
      await advance(90 * day);
      expect((await pruneAll(store, request)).sum.notifications).toBe(run.calls - 1);
      expect((await store.listNotifications({ scope, limit: 10 })).items).toEqual([]);
    },
  },
  {
    name: 'prune-removes-expired-keys-in-steps',
    needs: ['advance'],
    async run(trial) {
      const { store, scope, advance } = await alone(trial);
      const keys = Array.from({ length: 7 }, (_, n) => `key-${n}`);
      const short = keys.map((key, n) => newIdempotency({ scope, key, expiresIn: n < 5 ? 1000 : 1001 }));
      await write(store, { idempotency: [newIdempotency({ scope, key: 'long', expiresIn: 5000 }), ...short] });
      await advance(2000);
      const { calls, sum } = await pruneAll(store, { ...all, limit: 3 });
      expect([calls, sum.idempotency]).toEqual([3, 7]);
      expect(await readKey(store, scope, 'long')).toHaveLength(1);
    },
  },
  {
    name: 'prune-refuses-a-cursor-that-is-none',
    async run(trial) {
      const { store } = await alone(trial);
      for (const cursor of ['', 'not a cursor', '%', 'e30', 'W10', Buffer.from('[null,[1],[2]]').toString('base64')]) {
        const error = await rejectsWith('VALIDATION_ERROR', store.prune({ ...all, cursor }));
        expect(error.path).toBe('cursor');
      }
    },
  },
];
