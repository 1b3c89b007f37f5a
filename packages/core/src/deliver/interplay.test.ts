import { expect, test } from 'vitest';
import { messageOf, trial } from '../../test/engine-trial.ts';
import { settle } from '../../test/manual-clock.ts';
import { type ChannelAdapter, type Outcome, TidingsError } from '../index.ts';

// What one part of delivery must not undo of another.

const to = 'jane@example.com';
const leaseMs = 45_000;

test('a message taken over keeps its call when it outlasts a heartbeat', async () => {
  const signals: AbortSignal[] = [];
  const ends: ((outcome: Outcome) => void)[] = [];
  const adapter: ChannelAdapter = {
    specVersion: 1,
    name: 'slow',
    channel: 'email',
    deadlineMs: 40_000,
    send(_, { signal }) {
      signals.push(signal);
      return new Promise((resolve) => ends.push(resolve));
    },
  };
  const on = trial({ adapters: [adapter], delivery: { leaseMs, heartbeatMs: 15_000 } });
  const producer = trial({ store: on.store, clock: on.clock, role: 'producer', adapters: [adapter] });
  const sent = await producer.one('mail', { to });
  await on.store.claim({ lanes: [{ lane: 'slow', limit: 1 }], leaseMs });
  await on.engine.start();
  await on.clock.advance(leaseMs);
  expect(signals).toHaveLength(1);
  await on.clock.advance(36_000);
  expect(signals.map(({ aborted }) => aborted)).toEqual([false]);
  ends[0]?.({ outcome: 'accepted' });
  await settle();
  expect(await messageOf(on, sent)).toMatchObject({ status: 'sent', attempts: 2 });
});

test('nobody is called for a run that was stopped before the lost attempt was written', async () => {
  const on = trial({ delivery: { leaseMs } });
  const producer = trial({ store: on.store, clock: on.clock, role: 'producer' });
  const sent = await producer.one('mail', { to });
  await on.store.claim({ lanes: [{ lane: 'mailer', limit: 1 }], leaseMs });
  const { commit } = on.store;
  let stopped: unknown;
  on.store.commit = async (work, options) => {
    if (work.kind === 'settle' && stopped === undefined) {
      stopped = null;
      stopped = await producer.engine.notifications.cancel(sent.id);
    }
    return commit(work, options);
  };
  await on.engine.start();
  await on.clock.advance(leaseMs);
  expect(stopped).toEqual({ cancelled: 0, alreadyHandedOver: 1 });
  expect(on.email.messages).toHaveLength(0);
  expect((await messageOf(on, sent)).status).toBe('unknown');
});

test('what is accepted after the end is given back, and nobody is called', async () => {
  const on = trial({ delivery: { graceMs: 1000 } });
  await on.engine.start();
  const { commit } = on.store;
  let go: () => void = () => {};
  const answer = new Promise<void>((resolve) => {
    go = resolve;
  });
  on.store.commit = async (work, options) => {
    const result = await commit(work, options);
    if (work.kind === 'accept') await answer;
    return result;
  };
  const sending = on.one('mail', { to });
  await settle();
  const stopping = on.engine.stop();
  await on.clock.advance(20_000);
  await stopping;
  go();
  await sending;
  await on.clock.advance(60_000);
  expect(on.email.messages).toHaveLength(0);
  expect(on.clock.held).toBe(0);
});

test('a queue that throws harms no send that is committed', async () => {
  const on = trial({
    role: 'producer',
    queue: {
      specVersion: 1,
      publish() {
        throw new TidingsError('STORE_FAILED', 'broken');
      },
      consume: async () => async () => {},
      close: async () => {},
    },
  });
  await on.one('mail', { to });
  expect((await on.store.listMessages({ scope: 1, limit: 5 })).items).toHaveLength(1);
});

test('a pause that a provider asks for holds others up before it is written', async () => {
  let calls = 0;
  const adapter: ChannelAdapter = {
    specVersion: 1,
    name: 'mailer',
    channel: 'email',
    async send() {
      calls += 1;
      return { outcome: 'retry', reason: 'slow down', lane: { pauseMs: 60_000 } };
    },
  };
  const on = trial({ adapters: [adapter] });
  await on.engine.start();
  await on.clock.advance(10);
  const { commit } = on.store;
  on.store.commit = async (work, options) => {
    if (work.kind === 'settle') throw new TidingsError('STORE_UNAVAILABLE', 'away', { retryable: true });
    return commit(work, options);
  };
  for (let n = 0; n < 5; n += 1) {
    await on.one('mail', { to: `user${n}@example.com` });
    await on.clock.advance(100);
  }
  expect(calls).toBe(1);
});

test('contacts.delete takes no options and part in no transaction', async () => {
  const on = trial();
  await on.engine.contacts.upsert({ email: to });
  const erase = on.engine.contacts.delete as (who: string, options: object) => Promise<unknown>;
  await expect(erase(to, { transaction: {} })).rejects.toMatchObject({ code: 'NOT_SUPPORTED', path: 'transaction' });
  expect(await on.engine.contacts.find(to)).toBeDefined();
});
