import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { refusal, trial } from '../../test/engine-trial.ts';
import { defineEvent, type Sent } from '../index.ts';

const to = 'jane@example.com';
const mismatch = {
  code: 'IDEMPOTENCY_MISMATCH',
  path: 'idempotencyKey',
  message:
    'The idempotency key of this send of "mail" was used before with another request. Use a new key for a new request.',
};

describe('the same request again', () => {
  test('gives the first result, but for `replayed`', async () => {
    const on = trial();
    const message = { to, payload: { b: 1, a: [{ y: 1, x: 2 }] }, idempotencyKey: 'k' };
    const first = await on.done('mail', message);
    // The order of keys says nothing.
    const again = await on.done('mail', { ...message, payload: { a: [{ x: 2, y: 1 }], b: 1 } });
    expect(first.replayed).toBe(false);
    expect(again).toEqual({ ...first, replayed: true });
    expect(on.email.messages).toHaveLength(1);
  });

  test('may hold what is no JSON until the schema has read it', async () => {
    const payload = z.object({
      total: z.bigint().transform(String),
      seats: z.map(z.string(), z.number()).transform((map) => map.size),
    });
    const event = defineEvent({ payload, templates: { email: { en: { subject: 'x', text: '{{total}}' } } } });
    const on = trial({ events: { event } });
    const message = (total: bigint): { to: string; payload: object; idempotencyKey: string } => ({
      to,
      payload: { total, seats: new Map([['a', 1]]) },
      idempotencyKey: 'k',
    });
    const first = await on.one('event', message(7n));
    expect(await on.one('event', message(7n))).toEqual({ ...first, replayed: true });
    expect(await refusal(() => on.one('event', message(8n)))).toMatchObject({ code: 'IDEMPOTENCY_MISMATCH' });
  });

  test('to a list gives the same list, errors with their paths included', async () => {
    const on = trial();
    const message = { to: ['a@example.com', 'x@', { phone: '+46701234567' }], idempotencyKey: 'k' };
    const first = await on.many('mail', message);
    const again = await on.many('mail', message);
    expect(again.accepted).toEqual(first.accepted.map((one) => ({ ...one, replayed: true })));
    const facts = (result: typeof first): unknown =>
      result.rejected.map(({ index, error: { code, message, path, details } }) => ({
        index,
        code,
        message,
        path,
        details,
      }));
    expect(facts(again)).toEqual(facts(first));
    expect(again.replayed).toBe(true);
  });

  test('gives it for a day, or as long as the engine says', async () => {
    for (const [options, ms] of [
      [{}, 86_400_000],
      [{ idempotency: { keepMs: 5000 } }, 5000],
    ] as const) {
      const on = trial({ role: 'producer', ...options });
      const first = await on.one('mail', { to, idempotencyKey: 'k' });
      await on.clock.advance(ms - 1);
      expect((await on.one('mail', { to, idempotencyKey: 'k' })).id).toBe(first.id);
      await on.clock.advance(1);
      expect((await on.one('mail', { to, idempotencyKey: 'k' })).id).not.toBe(first.id);
    }
  });

  test('gives what was recorded as unroutable', async () => {
    const on = trial({ onUnroutable: 'record' });
    const message = { to: '+46701234567', idempotencyKey: 'k' };
    const first = await on.one('mail', message);
    expect(first.error).toMatchObject({ code: 'MISSING_IDENTIFIER' });
    expect(await on.one('mail', message)).toEqual({ ...first, replayed: true });
  });

  test('that was refused is no result: it is tried anew', async () => {
    const on = trial();
    const message = { to: 'customer', idempotencyKey: 'k' };
    await refusal(() => on.one('mail', message));
    await on.engine.contacts.upsert({ externalId: 'customer', email: to });
    expect((await on.one('mail', message)).replayed).toBe(false);
  });
});

describe('the same key', () => {
  test.each<[string, object]>([
    ['recipient', { to: 'joe@example.com' }],
    ['payload', { payload: { a: 2 } }],
    ['language', { language: 'sv' }],
    ['sender', { from: 'hello@example.com' }],
    ['override', { overrides: { email: { subject: 'x' } } }],
    ['channel', { channel: 'email' }],
  ])('with another %s is refused', async (_, other) => {
    const on = trial();
    await on.one('mail', { to, idempotencyKey: 'k' });
    expect(await refusal(() => on.one('mail', { to, idempotencyKey: 'k', ...other }))).toEqual(mismatch);
  });

  test('of another event, tenant or mode is another key', async () => {
    const on = trial();
    const message = { to: { email: to, phone: '+46701234567' }, idempotencyKey: 'k' };
    const ids = new Set([
      (await on.one('mail', message)).id,
      (await on.one('any', message)).id,
      ((await on.engine.for({ tenant: 'other' }).untyped.send('mail', message)) as Sent).id,
      ((await on.engine.for({ mode: 'test' }).untyped.send('mail', message)) as Sent).id,
    ]);
    expect(ids.size).toBe(4);
  });

  test('of 1,000 sends at once makes one notification', async () => {
    const on = trial();
    const results = await Promise.all(Array.from({ length: 1000 }, () => on.one('mail', { to, idempotencyKey: 'k' })));
    await on.engine.idle();
    expect(new Set(results.map(({ id }) => id)).size).toBe(1);
    expect(results.filter(({ replayed }) => !replayed)).toHaveLength(1);
    expect(on.email.messages).toHaveLength(1);
  });

  test('of two different requests in one batch: the first wins, the second is refused', async () => {
    const on = trial();
    const [first, second] = await Promise.allSettled([
      on.one('mail', { to, idempotencyKey: 'k' }),
      on.one('mail', { to: 'joe@example.com', idempotencyKey: 'k' }),
    ]);
    expect(first.status).toBe('fulfilled');
    expect(second).toMatchObject({ status: 'rejected', reason: { code: 'IDEMPOTENCY_MISMATCH' } });
    expect((await on.engine.contacts.list()).items).toHaveLength(1);
  });
});

test('a key stored under an older secret is recognised', async () => {
  const before = trial({ secrets: ['the first secret of all'] });
  const message = { to, idempotencyKey: 'k' };
  const first = await before.one('mail', message);
  const after = trial({
    store: before.store,
    clock: before.clock,
    secrets: ['another secret, newer', 'the first secret of all'],
  });
  expect(await after.one('mail', message)).toEqual({ ...first, replayed: true });
  const forgotten = trial({ store: before.store, clock: before.clock, secrets: ['another secret, newer'] });
  expect(await refusal(() => forgotten.one('mail', message))).toEqual(mismatch);
});

describe('a key that expires', () => {
  const keepMs = 60_000;
  const send = (on: ReturnType<typeof trial>, word: string): Promise<Sent> =>
    on.one('mail', { to, payload: { word }, idempotencyKey: 'k' });

  test('replays to its last millisecond, byte for byte, and is free at the next, for another request too', async () => {
    const on = trial({ idempotency: { keepMs }, delivery: { pollMs: 60_000 } });
    const first = await send(on, 'a');
    await on.clock.advance(keepMs - 1);
    expect(JSON.stringify({ ...(await send(on, 'a')), replayed: false })).toBe(JSON.stringify(first));
    expect(await refusal(() => send(on, 'b'))).toMatchObject({ code: 'IDEMPOTENCY_MISMATCH' });
    await on.clock.advance(1);
    const second = await send(on, 'b');
    expect([second.replayed, second.id === first.id]).toEqual([false, false]);
    expect(await refusal(() => send(on, 'a'))).toMatchObject({ code: 'IDEMPOTENCY_MISMATCH' });
  });

  test('under load: exactly one notification for each time it is free', async () => {
    const on = trial({ idempotency: { keepMs: 100 }, delivery: { pollMs: 60_000 } });
    const ids = new Map<number, Set<string>>();
    const sends: Promise<unknown>[] = [];
    for (let tick = 0; tick < 50; tick += 1) {
      const period = Math.floor(tick / 10);
      for (let n = 0; n < 20; n += 1) {
        sends.push(send(on, 'a').then(({ id }) => ids.set(period, (ids.get(period) ?? new Set()).add(id))));
      }
      await on.clock.advance(10);
    }
    await Promise.all(sends);
    expect([...ids.values()].map(({ size }) => size)).toEqual([1, 1, 1, 1, 1]);
    expect(on.email.messages).toHaveLength(5);
  });
});
