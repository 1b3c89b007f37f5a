import { setTimeout as pause } from 'node:timers/promises';
import type { Store, Writes } from '@tidings/core/spec';
import {
  databases,
  isolatedMariadb,
  isolatedPostgres,
  newContact,
  newId,
  newIdentifier,
  newMessage,
  newNotification,
} from '@tidings/testing';
import { describe, expect, it } from 'vitest';
import { mysqlStore, postgresStore } from '../src/index.ts';

/** A store on a server, and what a bad day does to it. */
interface Server {
  readonly store: Store;
  /** Inserts the identifier in a transaction left open, so that whoever wants the same key waits. */
  hold(scope: number, value: string): Promise<{ release(): Promise<void> }>;
  /** Ends the one connection that waits for a lock, once there is one. */
  killWaiting(): Promise<void>;
  waiting(): Promise<number>;
  /** Connections of the pool that are in use. */
  busy(): number;
  drop(): Promise<void>;
}

const hash = '00'.repeat(32);

const servers = {
  async postgres(): Promise<Server> {
    const { pool, schema, drop } = await isolatedPostgres({ max: 3 });
    const admin = await isolatedPostgres({ max: 2 });
    const store = postgresStore(pool, { busyBudgetMs: 400, lockTimeoutMs: 5_000 });
    const waiting = `SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%"tidings_identifiers"%'
      AND pid IN (SELECT pid FROM pg_locks l JOIN pg_class c ON c.oid = l.relation WHERE c.relnamespace = '${schema}'::regnamespace)`;
    return {
      store,
      async hold(scope, value) {
        const client = await admin.pool.connect();
        await client.query(
          `BEGIN; INSERT INTO ${schema}.tidings_identifiers (scope, kind, value, contact_id, hash) VALUES (${scope}, 'email', '${value}', '${newId()}', '\\x${hash}')`,
        );
        return {
          async release() {
            await client.query('ROLLBACK');
            client.release();
          },
        };
      },
      async killWaiting() {
        await admin.pool.query(`SELECT pg_terminate_backend(pid) FROM (${waiting}) w`);
      },
      waiting: async () => (await admin.pool.query(waiting)).rows.length,
      busy: () => pool.totalCount - pool.idleCount,
      async drop() {
        await store.close();
        await drop();
        await admin.drop();
      },
    };
  },
  async mariadb(): Promise<Server> {
    const { pool, database, drop } = await isolatedMariadb({ connectionLimit: 3 });
    const admin = await isolatedMariadb({ connectionLimit: 2 });
    const store = mysqlStore(pool, { busyBudgetMs: 400, lockTimeoutMs: 1_000 });
    // InnoDB tells of its own waits only now and then
    const waiting = `SELECT ID AS id FROM information_schema.PROCESSLIST
      WHERE DB = '${database}' AND COMMAND IN ('Execute', 'Query') AND INFO LIKE '%INTO %tidings_identifiers%'`;
    const ids = async (): Promise<number[]> => {
      const [rows] = await admin.pool.promise().query(waiting);
      return (rows as { id: number }[]).map(({ id }) => id);
    };
    return {
      store,
      async hold(scope, value) {
        const connection = await admin.pool.promise().getConnection();
        await connection.query('BEGIN');
        await connection.query(
          `INSERT INTO ${database}.tidings_identifiers (scope, kind, value, contact_id, hash) VALUES (${scope}, 'email', '${value}', X'${newId().replaceAll('-', '')}', X'${hash}')`,
        );
        return {
          async release() {
            await connection.query('ROLLBACK');
            connection.release();
          },
        };
      },
      async killWaiting() {
        for (const id of await ids()) await admin.pool.promise().query(`KILL ${id}`);
      },
      waiting: async () => (await ids()).length,
      busy() {
        const { _allConnections: all, _freeConnections: free } = pool as never as Record<string, { length: number }>;
        return (all?.length ?? 0) - (free?.length ?? 0);
      },
      async drop() {
        await store.close();
        await drop();
        await admin.drop();
      },
    };
  },
};

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await pause(5);
}

function put(store: Store, writes: Writes, kind: 'contacts' | 'accept' = 'contacts'): Promise<null> {
  return store.commit({ kind, reads: {}, decide: () => ({ writes, result: null }) });
}

describe.each(databases(['postgres', 'mariadb']) as readonly (keyof typeof servers)[])('faults on %s', (name) => {
  it('a lock nobody gives back ends as STORE_BUSY, long before the patience of the server', async () => {
    const server = await servers[name]();
    const { store } = server;
    const scope = await store.scope('tenant', 'live');
    const contact = newContact({ scope });
    await put(store, { contacts: { insert: [contact] } });
    const held = await server.hold(scope, 'held@example.com');
    const wanted = newIdentifier({ scope, kind: 'email', value: 'held@example.com', contactId: contact.id });
    await expect(put(store, { identifiers: { insert: [wanted] } })).rejects.toMatchObject({
      code: 'STORE_BUSY',
      retryable: true,
    });
    await held.release();
    await put(store, { identifiers: { insert: [wanted] } });
    await server.drop();
  }, 20_000);

  it('a connection that breaks is thrown away, and the next commit has another', async () => {
    const server = await servers[name]();
    const { store } = server;
    const scope = await store.scope('tenant', 'live');
    const contact = newContact({ scope });
    await put(store, { contacts: { insert: [contact] } });
    const held = await server.hold(scope, 'held@example.com');
    const wanted = newIdentifier({ scope, kind: 'email', value: 'held@example.com', contactId: contact.id });
    const failed = put(store, { identifiers: { insert: [wanted] } }).catch((error: unknown) => error);
    await until(async () => (await server.waiting()) > 0);
    await server.killWaiting();
    expect(await failed).toMatchObject({ code: 'STORE_UNAVAILABLE', retryable: true });
    expect(server.busy()).toBe(0);
    await held.release();
    await put(store, { identifiers: { insert: [wanted] } });
    await server.drop();
  }, 20_000);

  it('an error of a decision goes out untouched and gives the connection back', async () => {
    const server = await servers[name]();
    const { store } = server;
    const scope = await store.scope('tenant', 'live');
    const own = new RangeError('mine');
    for (let run = 0; run < 5; run += 1) {
      const thrown = store.commit({
        kind: 'accept',
        reads: { contacts: [{ scope, id: newId() }] },
        decide() {
          throw own;
        },
      });
      expect(await thrown.catch((error: unknown) => error)).toBe(own);
    }
    expect(server.busy()).toBe(0);
    await server.drop();
  });

  it('closing waits for the commit under way', async () => {
    const server = await servers[name]();
    const { store } = server;
    const scope = await store.scope('tenant', 'live');
    const contact = newContact({ scope });
    await put(store, { contacts: { insert: [contact] } });
    const held = await server.hold(scope, 'held@example.com');
    const wanted = newIdentifier({ scope, kind: 'email', value: 'held@example.com', contactId: contact.id });
    const order: string[] = [];
    const commit = put(store, { identifiers: { insert: [wanted] } }).finally(() => order.push('commit'));
    await until(async () => (await server.waiting()) > 0);
    const closing = store.close().then(() => order.push('close'));
    await held.release();
    await Promise.all([commit, closing]);
    expect(order).toEqual(['commit', 'close']);
    await expect(store.load({})).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    await server.drop();
  }, 20_000);

  it('a contact gains nothing while it is erased', async () => {
    const server = await servers[name]();
    const { store } = server;
    const scope = await store.scope('tenant', 'live');
    const contact = newContact({ scope });
    await put(store, { contacts: { insert: [contact] } });
    const held = await server.hold(scope, 'b-held@example.com');
    const of = (value: string): ReturnType<typeof newIdentifier> =>
      newIdentifier({ scope, kind: 'email', value, contactId: contact.id });
    // the first is written, the second is waited for
    const commit = put(store, { identifiers: { insert: [of('a@example.com'), of('b-held@example.com')] } });
    await until(async () => (await server.waiting()) > 0);
    const erased = store.erase(contact, 100).then(
      () => true,
      () => false,
    );
    // it must wait for the commit; if it did not, this is ample time for it to be done
    await Promise.race([erased, pause(200)]);
    await held.release();
    await commit;
    if (!(await erased)) await store.erase(contact, 100);
    const key = { scope, kind: 'email', value: 'a@example.com' };
    const next = newContact({ scope });
    await put(store, {
      contacts: { insert: [next] },
      identifiers: { insert: [newIdentifier({ ...key, contactId: next.id })] },
    });
    await server.drop();
  }, 20_000);

  it('a batch longer than the server takes at once goes in portions', async () => {
    const server = await servers[name]();
    const { store } = server;
    const scope = await store.scope('tenant', 'live');
    const payload = JSON.stringify({ text: 'å'.repeat(1_500_000) });
    const runs = Array.from({ length: 8 }, () => newNotification({ scope, payload }));
    const messages = runs.map(({ id }) => newMessage({ scope, notificationId: id }));
    await put(store, { notifications: { insert: runs }, messages: { insert: messages } }, 'accept');
    const facts = await store.load({ notifications: runs });
    expect(facts.notifications.map((row) => row.payload === payload)).toEqual(runs.map(() => true));
    await server.drop();
  }, 30_000);
});

describe.runIf(databases(['postgres']).length > 0)('postgres', () => {
  it('goes on with its prepared statements when a later version adds a column', async () => {
    const { pool, schema, drop } = await isolatedPostgres({ max: 1 });
    const store = postgresStore(pool);
    await store.scope('tenant', 'live');
    const request = { lanes: [{ lane: 'email', limit: 5 }], leaseMs: 1_000 };
    await store.claim(request);
    await pool.query(`ALTER TABLE ${schema}.tidings_messages ADD COLUMN later text`);
    expect((await store.claim(request)).messages).toEqual([]);
    await store.close();
    await drop();
  });
});
