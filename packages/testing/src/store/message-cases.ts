import type { MessageStatus } from '@tidings/core/spec';
import { expect } from 'vitest';
import { type ContractCase, rejectsWith } from '../contract-case.ts';
import {
  addressHash,
  messageUpdate,
  newId,
  newSuppression,
  putMessage,
  putMessages,
  readMessage,
  write,
} from './rows.ts';
import type { StoreTrial } from './store-trial.ts';

/** Messages and what was rendered. */
export const messageCases: readonly ContractCase<StoreTrial>[] = [
  {
    name: 'message-as-it-was-given',
    async run({ store, scope }) {
      const given = await putMessage(store, scope, {
        contactId: newId(),
        step: 'hello',
        channel: 'sms',
        lane: 'twilio',
        priority: 2,
        address: '+46700000000',
        addressHash: addressHash('phone', '+46700000000'),
        status: 'failed',
        reason: 'invalid',
        errorCode: 'BAD_ADDRESS',
        error: 'no such number',
        language: 'sv',
        routing: '[{"channel":"sms"}]',
        dueIn: null,
        timeline: [
          { event: 'queued' },
          { event: 'failed', code: 'BAD_ADDRESS', attempt: 1, more: { nested: [1, null, 'é'] } },
        ],
      });
      const { dueIn, leaseIn, expiresIn, timeline, ...columns } = given;
      const row = await readMessage(store, given);
      expect(row).toMatchObject(columns);
      expect(row.timeline).toEqual(timeline.map((entry) => ({ ...entry, at: row.createdAt })));
      expect(Object.keys(row).sort()).toEqual(
        [
          ...['scope', 'id', 'notificationId', 'contactId', 'event', 'step', 'channel', 'lane', 'priority', 'address'],
          ...[
            'addressHash',
            'status',
            'epoch',
            'attempts',
            'dueAt',
            'leaseUntil',
            'callingAt',
            'provider',
            'providerId',
          ],
          ...['reason', 'errorCode', 'error', 'language', 'routing', 'timeline', 'sequence', 'createdAt', 'sentAt'],
          ...['deliveredAt', 'openedAt', 'clickedAt', 'expiresAt'],
        ].sort(),
      );
    },
  },
  {
    name: 'S24 stale-epoch-settle: a conflict, nothing changed',
    async run({ store, scope, lane, claim }) {
      await putMessage(store, scope, { lane });
      const [claimed] = await claim();
      const stale = messageUpdate(claimed?.message ?? expect.fail('nothing claimed'), { epoch: 1, status: 'sent' });
      await rejectsWith(
        'STORE_CONFLICT',
        write(store, {
          messages: { update: [stale] },
          contents: [{ scope, messageId: stale.id, content: '{"subject":"late"}' }],
          suppressions: { put: [newSuppression({ scope })] },
        }),
      );
      expect(await readMessage(store, stale)).toEqual(claimed?.message);
      const facts = await store.load({ contents: [stale], suppressions: [newSuppression({ scope })] });
      expect([facts.contents, facts.suppressions]).toEqual([[], []]);
      await write(store, { messages: { update: [{ ...stale, epoch: 2 }] } });
      expect(await readMessage(store, stale)).toMatchObject({
        status: 'sent',
        epoch: 3,
        leaseUntil: null,
        dueAt: null,
      });
    },
  },
  {
    name: 'every-field-of-a-change-replaces',
    async run({ store, scope, lane }) {
      const message = await putMessage(store, scope, { lane, leaseIn: 60_000 });
      const full = {
        ...{ status: 'unknown' as const, attempts: 2, lane: 'sendgrid', provider: 'ses', providerId: 'id-1' },
        ...{ reason: 'manual' as const, errorCode: 'PROVIDER_TIMEOUT', error: 'no answer', language: 'sv' },
      };
      await write(store, {
        messages: { update: [messageUpdate(await readMessage(store, message), { ...full, dueIn: 3_000 })] },
      });
      const row = await readMessage(store, message);
      expect(row).toMatchObject({ ...full, epoch: 2, leaseUntil: null, callingAt: null });
      expect((row.dueAt ?? 0) - row.createdAt).toBeGreaterThanOrEqual(3_000);
      const empty = { provider: null, providerId: null, reason: null, errorCode: null, error: null, language: null };
      await write(store, { messages: { update: [messageUpdate(row, empty)] } });
      expect(await readMessage(store, message)).toMatchObject({ ...empty, epoch: 3, dueAt: null });
    },
  },
  {
    name: 'leaseIn: the lease goes on, whether a call is marked or not',
    async run({ store, scope, lane, claim }) {
      await putMessage(store, scope, { lane });
      const [claimed] = await claim(1, 10_000);
      const { message } = claimed ?? expect.fail('nothing claimed');
      const now = await store.commit({
        kind: 'settle',
        reads: {},
        decide: (facts) => ({
          writes: { messages: { update: [messageUpdate(message, { attempts: 1, leaseIn: 45_000, dueIn: 0 })] } },
          result: facts.now,
        }),
      });
      const held = { attempts: 1, callingAt: null, leaseUntil: now + 45_000, dueAt: now + 45_000 };
      expect(await readMessage(store, message)).toMatchObject(held);
      expect(await claim(1, 10_000)).toEqual([]);
    },
  },
  {
    name: 'calling: the call is marked and the lease goes on',
    async run({ store, scope, lane, claim }) {
      await putMessage(store, scope, { lane });
      const [claimed] = await claim(1, 10_000);
      const { message } = claimed ?? expect.fail('nothing claimed');
      const now = await store.commit({
        kind: 'settle',
        reads: {},
        decide: (facts) => ({
          writes: { messages: { update: [messageUpdate(message, { calling: true, leaseIn: 45_000 })] } },
          result: facts.now,
        }),
      });
      const calling = await readMessage(store, message);
      expect(calling).toMatchObject({ epoch: 3, callingAt: now, leaseUntil: now + 45_000, dueAt: now + 45_000 });
      await write(store, { messages: { update: [messageUpdate(calling, { status: 'sent' })] } });
      expect(await readMessage(store, message)).toMatchObject({ callingAt: null, leaseUntil: null, dueAt: null });
    },
  },
  {
    name: 'reached: the first time stays',
    needs: ['advance'],
    async run({ store, scope, advance }) {
      const message = await putMessage(store, scope);
      const { createdAt } = await readMessage(store, message);
      const reach = async (...reached: ('sent' | 'delivered' | 'opened' | 'clicked')[]): Promise<void> => {
        await advance(1_000);
        await write(store, { messages: { update: [messageUpdate(await readMessage(store, message), { reached })] } });
      };
      await reach('sent');
      await reach('sent', 'opened');
      await reach('delivered', 'opened', 'clicked');
      await reach('clicked');
      const { sentAt, deliveredAt, openedAt, clickedAt } = await readMessage(store, message);
      expect([sentAt, deliveredAt, openedAt, clickedAt].map((at) => (at ?? 0) - createdAt)).toEqual([
        1_000, 3_000, 2_000, 3_000,
      ]);
    },
  },
  {
    name: 'timeline-appended-in-order',
    needs: ['advance'],
    async run({ store, scope, advance }) {
      const message = await putMessage(store, scope, { timeline: [{ event: 'queued' }, { event: 'routed' }] });
      const { createdAt } = await readMessage(store, message);
      for (let attempt = 1; attempt <= 3; attempt += 1) {
        await advance(1_000);
        const timeline = [
          { event: 'attempt', attempt },
          { event: 'retry', delayMs: attempt * 10 },
        ];
        await write(store, { messages: { update: [messageUpdate(await readMessage(store, message), { timeline })] } });
      }
      await write(store, { messages: { update: [messageUpdate(await readMessage(store, message))] } });
      expect((await readMessage(store, message)).timeline).toEqual([
        { event: 'queued', at: createdAt },
        { event: 'routed', at: createdAt },
        ...[1, 2, 3].flatMap((attempt) => [
          { event: 'attempt', attempt, at: createdAt + attempt * 1_000 },
          { event: 'retry', delayMs: attempt * 10, at: createdAt + attempt * 1_000 },
        ]),
      ]);
    },
  },
  {
    name: 'contents: the first wins',
    async run({ store, scope }) {
      const message = await putMessage(store, scope);
      for (const content of ['{"text":"first"}', '{"text":"second"}']) {
        await write(store, { contents: [{ scope, messageId: message.id, content }] });
      }
      const { contents } = await store.load({ contents: [message] });
      expect(contents).toEqual([{ scope, messageId: message.id, content: '{"text":"first"}' }]);
    },
  },
  {
    name: 'S30 counts-conserved',
    async run({ store, scope, lane, claim }) {
      await putMessages(
        store,
        scope,
        Array.from({ length: 60 }, () => ({ lane })),
      );
      const total = async (status?: MessageStatus[]): Promise<number> =>
        (await store.listMessages({ scope, limit: 1, total: true, ...(status ? { status } : {}) })).total ?? -1;
      const ends: MessageStatus[] = ['sent', 'failed', 'queued'];
      for (const [index, { message }] of (await claim(45)).entries()) {
        await write(store, { messages: { update: [messageUpdate(message, { status: ends[index % 3] ?? 'sent' })] } });
      }
      const counts = await Promise.all([total(['queued']), total(['sent']), total(['failed']), total()]);
      expect(counts).toEqual([30, 15, 15, 60]);
    },
  },
];
