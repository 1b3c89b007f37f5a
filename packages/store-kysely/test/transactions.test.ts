import { captureAdapter, createEngine, defineEvent, type Engine, silentLogger } from '@tidings/core';
import { TidingsError } from '@tidings/core/spec';
import { databases } from '@tidings/testing';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { everyRow, type TransactionPlace, transactionPlaces } from './transaction-places.ts';

const paid = defineEvent({ templates: { sms: { en: { text: 'paid' } } } });
const events = { paid };
const jane = '+46700000001';

type Trial = TransactionPlace & {
  // biome-ignore lint/suspicious/noExplicitAny: each has transactions of its own kind
  readonly engine: Engine<typeof events, any>;
  sent(): number;
  /** Resolves when so many messages were delivered. */
  delivered(count: number): Promise<void>;
};

async function trial(name: string, options: { pollMs?: number; busyBudgetMs?: number; connections?: number } = {}) {
  const { pollMs = 50, connections = 10, ...store } = options;
  const place = await transactionPlaces[name]?.open(store, { connections });
  if (!place) throw new Error(`There is no place ${name}.`);
  const texter = captureAdapter({ name: 'texter', channel: 'sms', keep: 10_000 });
  const engine = createEngine({
    store: place.store,
    adapters: [texter],
    events,
    log: silentLogger,
    delivery: { pollMs },
  });
  await engine.start();
  onTestFinished(async () => {
    await engine.stop();
    await place.drop();
  });
  const sent = (): number => texter.messages.length;
  const delivered = (count: number): Promise<void> =>
    vi.waitFor(() => expect(sent()).toBe(count), { timeout: 20_000, interval: 10 });
  return { ...place, engine, sent, delivered } as Trial;
}

const refusal = async (call: Promise<unknown>): Promise<TidingsError> => {
  const error = await call.then(
    () => 'it succeeded',
    (thrown: unknown) => thrown,
  );
  if (TidingsError.is(error)) return error;
  throw new Error(`Expected a TidingsError, got: ${error}`, { cause: error });
};

const names = Object.entries(transactionPlaces)
  .filter(([, { on }]) => databases([on]).length > 0)
  .map(([name]) => name);
const servers = names.filter((name) => transactionPlaces[name]?.on !== 'sqlite');

describe.each(names)('inside a transaction of %s', (name) => {
  test('an order and its message are there together, and are delivered after the commit', async () => {
    const { engine, begin, delivered, sent, query } = await trial(name);
    const host = await begin();
    await host.note('order');
    const { id, deliveries } = await engine.send('paid', { to: jane, transaction: host.transaction });
    expect(deliveries).toMatchObject([{ status: 'queued' }]);
    if (!host.alone) expect(await query('SELECT id FROM tidings_notifications')).toEqual([]);
    expect(sent()).toBe(0);
    await host.commit();
    await delivered(1);
    expect(await engine.notifications.get(id)).toMatchObject({ id });
    expect(await host.notes()).toEqual(['order']);
  });

  test('a rollback leaves no row, and the key is free', async () => {
    const at = await trial(name);
    const { engine, begin, delivered } = at;
    await engine.contacts.upsert({ phone: '+46700000002', name: 'Known' });
    const before = await everyRow(at);
    const host = await begin();
    const { transaction } = host;
    await engine.send('paid', { to: { phone: jane, name: 'New' }, idempotencyKey: 'order-1', transaction });
    await engine.send('paid', { to: { phone: '+46700000002', name: 'Changed' }, transaction });
    await engine.send('paid', { to: ['+46700000003', '+46700000004'], transaction });
    await engine.suppressions.add({ address: '+46700000005' }, { transaction });
    await host.rollback();
    expect(await everyRow(at)).toEqual(before);
    const again = await engine.send('paid', { to: jane, idempotencyKey: 'order-1' });
    expect(again.replayed).toBe(false);
    await delivered(1);
  });

  test('calls in one transaction see each other', async () => {
    const { engine, begin, delivered, sent } = await trial(name);
    const host = await begin();
    const { transaction } = host;
    const first = await engine.send('paid', { to: { phone: jane, id: 'jane' }, idempotencyKey: 'k', transaction });
    const again = await engine.send('paid', { to: { phone: jane, id: 'jane' }, idempotencyKey: 'k', transaction });
    expect(again).toEqual({ ...first, replayed: true });
    const mismatch = await refusal(engine.send('paid', { to: '+46700000009', idempotencyKey: 'k', transaction }));
    expect(mismatch.code).toBe('IDEMPOTENCY_MISMATCH');
    await engine.contacts.update('jane', { name: 'Jane' }, { transaction });
    await engine.contacts.addPushToken('jane', 'token', { transaction });
    const kept = await engine.contacts.removePushToken('jane', 'token', { transaction });
    expect(kept).toMatchObject({ name: 'Jane', externalId: 'jane' });
    const upserted = await engine.contacts.upsert({ phone: jane, email: 'jane@example.com' }, { transaction });
    expect(upserted.id).toBe(kept.id);
    await engine.suppressions.add({ address: '+46700000002' }, { transaction });
    const stopped = await engine.send('paid', { to: '+46700000002', transaction });
    expect(stopped.deliveries).toMatchObject([{ status: 'suppressed' }]);
    expect(await engine.suppressions.remove({ address: '+46700000002' }, { transaction })).toBe(true);
    await engine.send('paid', { to: '+46700000002', transaction });
    await engine.send('paid', { to: ['+46700000003', '+46700000004'], idempotencyKey: 'late', transaction });
    const one = { cancelled: 1, alreadyHandedOver: 0 };
    expect(await engine.cancel('paid', { to: '+46700000003', transaction })).toEqual(one);
    expect(await engine.cancel('paid', { idempotencyKey: 'late', transaction })).toEqual(one);
    await host.commit();
    await delivered(2);
    expect(await engine.suppressions.check({ address: '+46700000002' })).toEqual([]);
    expect(sent()).toBe(2);
  });

  test('what is refused leaves nothing, and the host may go on', async () => {
    const at = await trial(name);
    const before = await everyRow(at);
    const host = await at.begin();
    const { transaction } = host;
    const unroutable = await refusal(at.engine.send('paid', { to: { email: 'jane@example.com' }, transaction }));
    expect(unroutable.code).toBe('MISSING_IDENTIFIER');
    const cast = await refusal(at.engine.broadcast('paid', [jane], { id: 'b', transaction } as never));
    expect(cast.message).toContain('commits chunk by chunk');
    await host.note('order');
    await host.commit();
    expect(await everyRow(at)).toEqual(before);
    expect(await host.notes()).toEqual(['order']);
  });

  test('a transaction that has ended is refused', async () => {
    // of Kysely on SQLite alone nobody could tell
    const { engine, begin } = await trial(name);
    const host = await begin();
    await host.commit();
    const { transaction } = host;
    const error = await refusal(engine.send('paid', { to: jane, transaction }));
    expect([error.code, error.path]).toEqual(['VALIDATION_ERROR', 'transaction']);
  });

  test('engine.transaction commits, then delivers and reports at once', async () => {
    const { engine, delivered, sent } = await trial(name, { pollMs: 3_600_000 });
    const reported: string[] = [];
    engine.on('message.suppressed', () => reported.push('suppressed'));
    await engine.suppressions.add({ address: '+46700000002' });
    const result = await engine.transaction(async (transaction) => {
      await engine.send('paid', { to: jane, transaction });
      await engine.send('paid', { to: '+46700000002', transaction });
      expect([sent(), reported]).toEqual([0, []]);
      return 'done';
    });
    expect(result).toBe('done');
    expect(reported).toEqual(['suppressed']);
    await delivered(1);
  });

  test('engine.transaction rolls back what throws', async () => {
    const at = await trial(name);
    const before = await everyRow(at);
    const thrown = new Error('the order was refused');
    const whole = at.engine.transaction(async (transaction) => {
      await at.engine.send('paid', { to: jane, transaction });
      throw thrown;
    });
    await expect(whole).rejects.toBe(thrown);
    expect(await everyRow(at)).toEqual(before);
  });

  test('inside engine.transaction nothing is left unsaid', async () => {
    const { engine } = await trial(name);
    const unsaid = await engine.transaction(async () => [
      await refusal(engine.send('paid', { to: jane })),
      await refusal(engine.contacts.upsert({ phone: jane })),
      await refusal(engine.suppressions.remove({ address: jane })),
      await refusal(engine.broadcast('paid', [jane], { id: 'b' })),
      await refusal(engine.transaction(async () => {})),
      await refusal(engine.cancel('paid', { to: jane })),
      await refusal(engine.cancel('paid', { idempotencyKey: 'k' })),
    ]);
    for (const error of unsaid) expect(error.code).toBe('VALIDATION_ERROR');
    expect(unsaid[0]?.message).toContain("transaction: 'none'");
    await engine.send('paid', { to: jane });
  });
});

describe.each(servers)('beside a transaction of %s', (name) => {
  test("'none' is a commit of its own", async () => {
    const { engine, delivered } = await trial(name);
    const thrown = new Error('rolled back');
    const whole = engine.transaction(async () => {
      await engine.send('paid', { to: jane, transaction: 'none' });
      throw thrown;
    });
    await expect(whole).rejects.toBe(thrown);
    await delivered(1);
  });

  test('a suppression committed before the host commits is honoured', async () => {
    const { engine, begin, sent } = await trial(name);
    const host = await begin();
    const { id } = await engine.send('paid', { to: jane, transaction: host.transaction });
    await engine.suppressions.add({ address: jane });
    await host.commit();
    await vi.waitFor(
      async () => expect(await engine.notifications.get(id)).toMatchObject({ messages: [{ status: 'suppressed' }] }),
      { timeout: 20_000, interval: 20 },
    );
    expect(sent()).toBe(0);
  });

  test('a key that another transaction holds is waited for, then replayed', async () => {
    const { engine, begin, delivered } = await trial(name);
    const one = await begin('READ COMMITTED');
    const two = await begin('READ COMMITTED');
    const first = await engine.send('paid', { to: jane, idempotencyKey: 'k', transaction: one.transaction });
    let through = false;
    const second = engine.send('paid', { to: jane, idempotencyKey: 'k', transaction: two.transaction }).finally(() => {
      through = true;
    });
    const alone = engine.send('paid', { to: jane, idempotencyKey: 'k' });
    await engine.send('paid', { to: '+46700000002', idempotencyKey: 'another' });
    expect(through).toBe(false);
    await one.commit();
    expect(await second).toEqual({ ...first, replayed: true });
    await two.commit();
    expect(await alone).toEqual({ ...first, replayed: true });
    await delivered(2);
  });

  test('where the snapshot is older than the key, the host is told to run again', async () => {
    const { engine, begin, query } = await trial(name);
    await engine.send('paid', { to: '+46700000002' });
    const host = await begin('REPEATABLE READ');
    await engine.contacts.upsert({ phone: '+46700000002', name: 'x' }, { transaction: host.transaction });
    await engine.send('paid', { to: jane, idempotencyKey: 'k' });
    const { transaction } = host;
    const error = await refusal(engine.send('paid', { to: jane, idempotencyKey: 'k', transaction }));
    expect([error.code, error.retryable]).toEqual(['STORE_CONFLICT', true]);
    await host.note('goes on');
    await host.commit();
    expect(await query('SELECT id FROM tidings_notifications')).toHaveLength(2);
    expect(await host.notes()).toEqual(['goes on']);
  });

  test.each(['known', 'changed'] as const)(
    'a long one delays nobody else: its contact %s',
    async (kind) => {
      const { engine, begin, delivered } = await trial(name);
      await engine.contacts.upsert({ phone: jane, name: 'Jane' });
      const host = await begin();
      const to = kind === 'known' ? jane : { phone: jane, name: 'Changed' };
      await engine.send('paid', { to, idempotencyKey: 'held', transaction: host.transaction });
      const numbers = Array.from({ length: 100 }, (_, n) => `+467100${String(n).padStart(5, '0')}`);
      const others = kind === 'known' ? [jane, ...numbers] : numbers;
      let open = true;
      const senders = Array.from({ length: 50 }, async (_, sender) => {
        for (let n = 0; n < 20; n += 1) {
          const other = others[(sender * 20 + n) % others.length] as string;
          await engine.send('paid', {
            to: { phone: other, name: `${n}` === '0' ? 'x' : 'y' }.phone,
            idempotencyKey: `${sender}-${n}`,
          });
        }
        expect(open).toBe(true);
      });
      await Promise.all(senders);
      await delivered(1000);
      open = false;
      await host.commit();
      await delivered(1001);
    },
    60_000,
  );

  test('a send in the same transaction without saying so ends, and says why', async () => {
    const { engine, begin, query } = await trial(name, { busyBudgetMs: 600 });
    await engine.contacts.upsert({ phone: jane });
    const host = await begin();
    await engine.send('paid', { to: { phone: jane, name: 'Changed' }, transaction: host.transaction });
    const error = await refusal(engine.send('paid', { to: { phone: jane, name: 'Other' } }));
    expect([error.code, error.retryable]).toEqual(['STORE_BUSY', true]);
    expect(error.message).toContain('`transaction`');
    await host.commit();
    expect(await query('SELECT id FROM tidings_notifications')).toHaveLength(1);
  });
});

const sharing = servers.filter((name) => !transactionPlaces[name]?.apart);

describe.each(sharing)('on the pool of the store, beside a transaction of %s', (name) => {
  test('a send without saying so ends although the host holds the only connection, and the pool is whole after', async () => {
    const { engine, begin, delivered } = await trial(name, { busyBudgetMs: 300, connections: 1 });
    const host = await begin();
    const error = await refusal(engine.send('paid', { to: jane }));
    expect([error.code, error.retryable]).toEqual(['STORE_UNAVAILABLE', true]);
    expect(error.message).toContain('`transaction`');
    await engine.send('paid', { to: jane, transaction: host.transaction });
    await host.commit();
    await engine.send('paid', { to: jane });
    await delivered(2);
  });
});

describe.runIf(databases(['sqlite']).length > 0)('beside a transaction on SQLite', () => {
  const handles = names.filter((name) => transactionPlaces[name]?.on === 'sqlite');
  test.each(handles)('a send without saying so ends, and says why: %s', async (name) => {
    const { engine, begin, delivered } = await trial(name, { busyBudgetMs: 200 });
    const host = await begin();
    await engine.send('paid', { to: jane, transaction: host.transaction });
    const error = await refusal(engine.send('paid', { to: jane }));
    expect([error.code, error.retryable]).toEqual(['STORE_BUSY', true]);
    expect(error.message).toContain('`transaction`');
    await host.commit();
    await engine.send('paid', { to: jane });
    await delivered(2);
  });
});
