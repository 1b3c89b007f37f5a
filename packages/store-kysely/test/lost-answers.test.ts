import { captureAdapter, createEngine, defineEvent, silentLogger } from '@tidings/core';
import type { Work } from '@tidings/core/spec';
import { databases, isolatedPostgres, newContact } from '@tidings/testing';
import { drizzle } from 'drizzle-orm/node-postgres';
import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { afterAll, describe, expect, it } from 'vitest';
import { drizzleStore } from '../src/drizzle.ts';
import { kyselyStore } from '../src/index.ts';
import { libraryStores } from './library-stores.ts';
import { dropGenerated } from './prisma-client.ts';
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

// not `READ COMMITTED`
const commit = /commit(?!ted)/i;
const ping = defineEvent({ templates: { sms: { en: { text: 'ping' } } } });

// Prisma does not let its connections be reached, so that it needs another one while the first is silent
const connections = { Drizzle: 1, Prisma: 2 } as const;

afterAll(dropGenerated);

describe.each(databases(['postgres', 'mariadb']) as readonly ('postgres' | 'mariadb')[])(
  'a server of a library that is silent: %s',
  (name) => {
    describe.each(['Drizzle', 'Prisma'] as const)('%s', (library) => {
      const open = () => libraryStores[name][library]({ connections: connections[library], answerTimeoutMs: 1_000 });

      it.each(['written', 'read'] as const)(
        'counts as away when something is %s, and serves the next',
        async (what) => {
          const place = await open();
          const scope = await place.store.scope('tenant', 'live');
          const contact = newContact({ scope });
          const silent = place.proxy.breakAt(/tidings_contacts/, 'silent');
          const call =
            what === 'read' ? place.store.load({ contacts: [contact] }) : place.store.commit(insert(contact));
          const failed = await call.catch((thrown: unknown) => thrown);
          expect(failed).toMatchObject({ code: 'STORE_UNAVAILABLE', retryable: true });
          expect((failed as { details: object }).details).not.toHaveProperty('outcome');
          expect((await place.store.load({ contacts: [contact] })).contacts).toEqual([]);
          await silent;
          await place.drop();
        },
        30_000,
      );

      it('at ROLLBACK leaves the first failure as it was', async () => {
        const place = await open();
        await place.store.migrate();
        const refusal = new Error('decided against');
        const silent = place.proxy.breakAt(/rollback/i, 'silent');
        const failed = place.store.commit({
          kind: 'contacts',
          reads: {},
          decide() {
            throw refusal;
          },
        });
        await expect(failed).rejects.toBe(refusal);
        await place.store.load({});
        await silent;
        await place.drop();
      }, 30_000);

      it('at COMMIT leaves it unknown', async () => {
        const place = await open();
        const scope = await place.store.scope('tenant', 'live');
        const contact = newContact({ scope });
        const silent = place.proxy.breakAt(commit, 'silent');
        const failed = place.store.commit(insert(contact));
        await expect(failed).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', details: { outcome: 'unknown' } });
        expect((await place.direct.load({ contacts: [contact] })).contacts).toHaveLength(1);
        await silent;
        await place.drop();
      }, 30_000);

      it('at the COMMIT of a send is found out by its ids', async () => {
        const place = await open();
        const texter = captureAdapter({ name: 'texter', channel: 'sms' });
        const engine = createEngine({
          store: place.store,
          adapters: [texter],
          events: { ping },
          log: silentLogger,
          role: 'producer',
        });
        await engine.send('ping', { to: '+46700000001' });
        const silent = place.proxy.breakAt(commit, 'silent');
        const { id } = await engine.send('ping', { to: '+46700000002' });
        expect((await engine.notifications.get(id)).id).toBe(id);
        expect((await engine.notifications.list({ total: true })).total).toBe(2);
        await engine.stop();
        await silent;
        await place.drop();
      }, 30_000);
    });
  },
);
