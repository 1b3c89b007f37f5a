import type { Work } from '@tidings/core/spec';
import { databases, isolatedPostgres, newContact } from '@tidings/testing';
import { drizzle } from 'drizzle-orm/node-postgres';
import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { drizzleStore } from '../src/drizzle.ts';
import { kyselyStore } from '../src/index.ts';
import { startTcpProxy } from './tcp-proxy.ts';

const insert = (contact: ReturnType<typeof newContact>): Work<null> => ({
  kind: 'contacts',
  reads: {},
  decide: () => ({ writes: { contacts: { insert: [contact] } }, result: null }),
});

describe.skipIf(databases(['postgres']).length === 0)('an answer that does not come', () => {
  it('leaves nothing of ours open on a connection that goes back to the host, and is not committed late', async () => {
    const { pool: own, url, drop } = await isolatedPostgres({ max: 2 });
    const pool = new pg.Pool({ connectionString: url, max: 1 });
    const db = new Kysely<{ orders: { id: number } }>({ dialect: new PostgresDialect({ pool }) });
    const store = kyselyStore(db, { answerTimeoutMs: 300, lockTimeoutMs: 20_000, busyBudgetMs: 20_000 });
    const scope = await store.scope('tenant', 'live');
    const contact = newContact({ scope });
    await own.query('CREATE TABLE orders (id int)');
    const locker = await own.connect();
    await locker.query('BEGIN; LOCK TABLE tidings_contacts IN ACCESS EXCLUSIVE MODE');
    await expect(store.commit(insert(contact))).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    await locker.query('COMMIT');
    locker.release();
    await db.insertInto('orders').values({ id: 1 }).execute();
    expect((await own.query('SELECT id FROM orders')).rows).toEqual([{ id: 1 }]);
    expect((await store.load({ contacts: [contact] })).contacts).toEqual([]);
    await store.close();
    await db.destroy();
    await drop();
  }, 30_000);

  it('to the commit of a library is unknown', async () => {
    const { url, drop } = await isolatedPostgres({ max: 2 });
    const target = new URL(url);
    const proxy = await startTcpProxy({ host: target.hostname, port: Number(target.port || 5432) });
    target.host = `127.0.0.1:${proxy.port}`;
    const pool = new pg.Pool({ connectionString: target.href, max: 2 });
    pool.on('error', () => {});
    const store = drizzleStore(drizzle(pool));
    const scope = await store.scope('tenant', 'live');
    void proxy.breakAt(/commit(?!ted)/i, 'after');
    const failed = store.commit(insert(newContact({ scope })));
    await expect(failed).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', details: { outcome: 'unknown' } });
    await pool.end();
    await proxy.close();
    await drop();
  }, 30_000);
});
