import { captureAdapter, createEngine, defineEvent, silentLogger } from '@tidings/core';
import { databases, isolatedMariadb, isolatedPostgres } from '@tidings/testing';
import { describe, expect, test } from 'vitest';
import { mysqlStore, postgresStore } from '../src/index.ts';

const ping = defineEvent({ templates: { sms: { en: { text: 'ping' } } } });
const locked = '+46700000000';
const others = Array.from({ length: 50 }, (_, n) => `+467000001${String(n).padStart(2, '0')}`);

interface Place {
  readonly store: Parameters<typeof createEngine>[0]['store'];
  /** Locks every contact there is; returns how to let go. */
  lock(): Promise<() => Promise<void>>;
  drop(): Promise<void>;
}

const places: Readonly<Record<'postgres' | 'mariadb', () => Promise<Place>>> = {
  async postgres() {
    const { pool, drop } = await isolatedPostgres({ max: 8 });
    return {
      store: postgresStore(pool) as never,
      async lock() {
        const client = await pool.connect();
        await client.query('BEGIN');
        await client.query('SELECT id FROM tidings_contacts FOR UPDATE');
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
      async lock() {
        const connection = await pool.promise().getConnection();
        await connection.query('SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED');
        await connection.query('START TRANSACTION');
        await connection.query('SELECT id FROM tidings_contacts FOR UPDATE');
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
  });
}
