import { captureAdapter, createEngine, defineEvent, silentLogger } from '@tidings/core';
import { databases, isolatedMariadb, isolatedPostgres, putMessage } from '@tidings/testing';
import { describe, expect, test } from 'vitest';
import { mysqlStore, postgresStore } from '../src/index.ts';

const ping = defineEvent({ templates: { sms: { en: { text: 'ping' } } } });
const locked = '+46700000000';
const others = Array.from({ length: 50 }, (_, n) => `+467000001${String(n).padStart(2, '0')}`);

interface Place {
  readonly store: Parameters<typeof createEngine>[0]['store'];
  /** Locks the contacts, or one message by its id; returns how to let go. */
  lock(message?: string): Promise<() => Promise<void>>;
  drop(): Promise<void>;
}

const places: Readonly<Record<'postgres' | 'mariadb', () => Promise<Place>>> = {
  async postgres() {
    const { pool, drop } = await isolatedPostgres({ max: 8 });
    return {
      store: postgresStore(pool) as never,
      async lock(message) {
        const client = await pool.connect();
        await client.query('BEGIN');
        await client.query(
          message === undefined
            ? 'SELECT id FROM tidings_contacts FOR UPDATE'
            : `SELECT id FROM tidings_messages WHERE id = '${message}' FOR UPDATE`,
        );
        return async () => {
          await client.query('ROLLBACK');
          client.release();
        };
      },
      drop,
    };
  },
  async mariadb() {
    const { pool, drop } = await isolatedMariadb({ connectionLimit: 8 });
    return {
      store: mysqlStore(pool) as never,
      async lock(message) {
        const connection = await pool.promise().getConnection();
        await connection.query('SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED');
        await connection.query('START TRANSACTION');
        await connection.query(
          message === undefined
            ? 'SELECT id FROM tidings_contacts FOR UPDATE'
            : `SELECT id FROM tidings_messages WHERE scope = 1 AND id = X'${message.replaceAll('-', '')}' FOR UPDATE`,
        );
        return async () => {
          await connection.query('ROLLBACK');
          connection.destroy();
        };
      },
      drop,
    };
  },
};

for (const [name, open] of Object.entries(places)) {
  describe.skipIf(databases([name as 'postgres']).length === 0)(name, () => {
    test('a row that somebody keeps locked holds up its own send and no other of the batch', async () => {
      const { store, lock, drop } = await open();
      const texter = captureAdapter({ name: 'texter', channel: 'sms' });
      const engine = createEngine({ store, adapters: [texter], events: { ping }, log: silentLogger });
      try {
        await engine.contacts.upsert({ phone: locked });
        const release = await lock();
        let through = false;
        const held = engine.send('ping', { to: { phone: locked, name: 'Changed' } }).then(() => {
          through = true;
        });
        await Promise.all(others.map((to) => engine.send('ping', { to })));
        expect(through).toBe(false);
        await release();
        await held;
        await engine.idle();
        expect(texter.messages).toHaveLength(51);
      } finally {
        await engine.stop();
        await drop();
      }
    }, 60_000);

    test('a lease on a row that somebody keeps locked is skipped, the others are renewed', async () => {
      const { store, lock, drop } = await open();
      try {
        await store.migrate();
        const scope = await store.scope('tenant', 'live');
        const lane = 'texter';
        const claimOne = async () => {
          await putMessage(store, scope, { lane });
          const { messages } = await store.claim({ lanes: [{ lane, limit: 1 }], leaseMs: 60_000 });
          if (!messages[0]) throw new Error('Nothing was claimed.');
          const { id, epoch } = messages[0].message;
          return { scope, id, epoch };
        };
        const locked = await claimOne();
        const free = await claimOne();
        const release = await lock(locked.id);
        expect(await store.renew([locked, free], 90_000)).toEqual({ lost: [], skipped: [locked] });
        await release();
        expect(await store.renew([locked, free], 90_000)).toEqual({ lost: [], skipped: [] });
      } finally {
        await store.close();
        await drop();
      }
    }, 60_000);
  });
}
