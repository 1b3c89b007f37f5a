import { setTimeout as pause } from 'node:timers/promises';
import { captureAdapter, createEngine, defineEvent, silentLogger, TidingsError } from '@tidings/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Library } from './library.ts';

const confirmed = defineEvent({ templates: { email: { en: { subject: 'Your order', text: 'Thank you.' } } } });

/** Who gets the confirmation of an order: nobody gets two. */
const customerOf = (order: number): string => `order${order}@example.com`;

async function open(factory: () => Promise<Library>) {
  const library = await factory();
  const email = captureAdapter({ name: 'capture', channel: 'email' });
  const engine = createEngine({
    store: library.open({}),
    adapters: [email],
    events: { confirmed },
    senders: [{ channel: 'email', address: 'shop@example.com' }],
    delivery: { pollMs: 50 },
    log: silentLogger,
  });
  return {
    library,
    engine,
    /** Confirms the order, once. */
    send: (transaction: unknown, order: number, name: string | null = null) =>
      engine.send('confirmed', {
        to: { email: customerOf(order), name },
        idempotencyKey: `order-${order}`,
        transaction,
      }),
    orders: async () => (await library.read('SELECT id FROM orders ORDER BY id')).map(({ id }) => Number(id)),
    notifications: async () => (await engine.notifications.list()).items.length,
    delivered: () => email.messages.map(({ to }) => to),
  };
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await pause(5);
}

/** An engine whose sends join the transactions of a library. */
export function testLibraryEngine(
  factory: () => Promise<Library>,
  { server, timeout }: { readonly server: 'postgres' | 'mariadb'; readonly timeout: number },
): void {
  describe('an engine', { timeout }, () => {
    let host: Awaited<ReturnType<typeof open>>;
    let order = 0;
    beforeAll(async () => {
      host = await open(factory);
      await host.engine.start();
    }, timeout);
    afterAll(async () => {
      await host.engine.stop();
      await host.library.drop();
    }, timeout);

    it('commits the order and its notification together, and delivers after that', async () => {
      const { library, send, orders, notifications, delivered } = host;
      const [one, two] = [++order, ++order];
      await library.transaction(async (tx) => {
        await library.order(tx, one);
        await send(tx, one);
        await send(tx, two);
        expect([await orders(), await notifications(), delivered()]).toEqual([[], 0, []]);
      });
      expect([await orders(), await notifications()]).toEqual([[one], 2]);
      await until(() => delivered().length === 2);
      expect(delivered().toSorted()).toEqual([customerOf(one), customerOf(two)]);
    });

    it('leaves nothing when it is rolled back, and the key is free', async () => {
      const { library, send, orders, notifications } = host;
      const before = [await orders(), await notifications()];
      const id = ++order;
      const rolledBack = new Error('no');
      const rolling = library.transaction(async (tx) => {
        await library.order(tx, id);
        await send(tx, id);
        throw rolledBack;
      });
      await expect(rolling).rejects.toBe(rolledBack);
      expect([await orders(), await notifications()]).toEqual(before);
      const again = await library.transaction((tx) => send(tx, id));
      expect(again).not.toMatchObject({ replayed: true });
    });

    it('leaves nothing of a nested transaction that is rolled back', async () => {
      const { library, send, orders, delivered } = host;
      const [outer, inner] = [++order, ++order];
      await library.transaction(async (tx) => {
        await library.order(tx, outer);
        await send(tx, outer);
        const nested = library.nested(tx, async (within) => {
          await library.order(within, inner);
          await send(within, inner);
          throw new Error('no');
        });
        await expect(nested).rejects.toThrow('no');
      });
      expect(await orders()).toContain(outer);
      expect(await orders()).not.toContain(inner);
      await until(() => delivered().includes(customerOf(outer)));
      expect(delivered()).not.toContain(customerOf(inner));
    });

    it('begins one itself, and rolls it back when it must', async () => {
      const { library, engine, send, orders, delivered } = host;
      const [kept, undone] = [++order, ++order];
      const buy = (id: number): Promise<unknown> =>
        engine.transaction(async (tx) => {
          await library.order(tx, id);
          await send(tx, id);
          if (id === undone) throw new Error('no');
        });
      await buy(kept);
      await expect(buy(undone)).rejects.toThrow('no');
      expect(await orders()).toContain(kept);
      expect(await orders()).not.toContain(undone);
      await until(() => delivered().includes(customerOf(kept)));
      expect(delivered()).not.toContain(customerOf(undone));
    });

    it('refuses what is no transaction, or none any more', async () => {
      const { library, send, notifications } = host;
      const before = await notifications();
      const ended = await library.transaction(async (tx) => tx);
      for (const [transaction, name] of [...library.wrong, [ended, null] as const]) {
        const error = await send(transaction, 1_000).catch((thrown: unknown) => thrown);
        expect.soft(error, String(name)).toMatchObject({ code: 'VALIDATION_ERROR', path: 'transaction' });
        expect.soft(String(error)).toContain('transaction must be');
        if (name) expect.soft(String(error)).toContain(`, not ${name}. `);
      }
      expect(await notifications()).toBe(before);
    });

    it('refuses a transaction on another database, which may go on', async () => {
      const { send, notifications } = host;
      const before = await notifications();
      const other = await factory();
      try {
        await other.open({}).migrate();
        await other.transaction(async (tx) => {
          await expect(send(tx, 1_000)).rejects.toMatchObject({ code: 'VALIDATION_ERROR', path: 'transaction' });
          await other.order(tx, 1);
        });
        expect(await other.read('SELECT id FROM orders')).toHaveLength(1);
      } finally {
        await other.drop();
      }
      expect(await notifications()).toBe(before);
    });

    if (server === 'postgres')
      it('says of a serialization failure that it may be run again', async () => {
        const { library, engine, send, orders } = host;
        const id = ++order;
        await engine.contacts.upsert({ email: customerOf(id), name: 'Anna' });
        let raced = false;
        const buy = (): Promise<unknown> =>
          library.transaction(async (tx) => {
            // from here on it sees what is there now
            await library.order(tx, id);
            if (!raced) await engine.contacts.upsert({ email: customerOf(id), name: 'Bea' });
            raced = true;
            await send(tx, id, 'Cleo');
          }, 'repeatable read');
        const error = await buy().catch((thrown: unknown) => thrown);
        expect(TidingsError.is(error)).toBe(true);
        expect(error).toMatchObject({ code: 'STORE_CONFLICT', retryable: true, details: { databaseCode: '40001' } });
        expect(await orders()).not.toContain(id);
        await buy();
        expect(await orders()).toContain(id);
      });

    if (server === 'mariadb')
      it('says of a deadlock that it may be run again', async () => {
        const { library, engine, send, orders } = host;
        const id = ++order;
        await engine.contacts.upsert({ email: customerOf(id), name: 'Anna' });
        const stranger = await library.stranger();
        // the heavier of two is spared
        await stranger.run('CREATE TEMPORARY TABLE weight (id int PRIMARY KEY) ENGINE = InnoDB');
        await stranger.run('BEGIN');
        await stranger.run('INSERT INTO weight SELECT seq FROM seq_1_to_1000');
        await stranger.run('SELECT id FROM tidings_contacts FOR UPDATE');
        let waiting: Promise<unknown> = Promise.resolve();
        const buying = library.transaction(async (tx) => {
          await library.order(tx, id);
          waiting = stranger.run(`SELECT id FROM orders WHERE id = ${id} FOR UPDATE`);
          await until(() => isWaiting(library, id));
          await send(tx, id, 'Cleo');
        });
        const error = await buying.catch((thrown: unknown) => thrown);
        await waiting;
        await stranger.run('ROLLBACK');
        stranger.release();
        expect(error).toMatchObject({ code: 'STORE_CONFLICT', retryable: true, details: { databaseCode: '1213' } });
        expect(await orders()).not.toContain(id);
        await library.transaction((tx) => send(tx, id, 'Cleo'));
      });
  });
}

async function isWaiting(library: Library, id: number): Promise<boolean> {
  const rows = await library.read(
    `SELECT ID FROM information_schema.PROCESSLIST WHERE INFO LIKE 'SELECT id FROM orders WHERE id = ${id} FOR UPDATE'`,
  );
  return rows.length > 0;
}
