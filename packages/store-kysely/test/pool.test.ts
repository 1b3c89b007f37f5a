import { databases, isolatedMariadb, isolatedPostgres } from '@tidings/testing';
import { createPool } from 'mysql2';
import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { mysqlStore, postgresStore } from '../src/index.ts';

const exhausted = {
  code: 'STORE_UNAVAILABLE',
  retryable: true,
  details: { pool: 'exhausted' },
  message: expect.stringContaining('`transaction`'),
};

describe.runIf(databases(['postgres']).length > 0)('a pool of pg', () => {
  test('that loses an idle connection does not end the process, and is left alone once the store is closed', async () => {
    const { url, drop } = await isolatedPostgres();
    const pool = new pg.Pool({ connectionString: url, max: 2 });
    const store = postgresStore(pool);
    const scope = await store.scope('tenant', 'live');
    const [client, other] = await Promise.all([pool.connect(), pool.connect()]);
    const { rows } = await other.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    other.release();
    const lost = new Promise((resolve) => pool.once('remove', resolve));
    await client.query('SELECT pg_terminate_backend($1)', [rows[0]?.pid]);
    await lost;
    client.release();
    expect(await store.scope('another', 'live')).not.toBe(scope);
    await store.close();
    expect(pool.listenerCount('error')).toBe(0);
    await pool.end();
    await drop();
  });

  test('whose server ends a connection in the moment it is given does not end the process', async () => {
    const { url, drop } = await isolatedPostgres();
    const unheard: unknown[] = [];
    /** What follows in the same piece of data as a connection's first answer. */
    const endAtOnce = (client: pg.PoolClient | undefined): void => {
      try {
        client?.emit('error', new Error('terminating connection due to administrator command'));
      } catch (error) {
        unheard.push(error);
      }
    };
    const inner = new pg.Pool({ connectionString: url, max: 1 });
    const connect = inner.connect.bind(inner);
    const given = (done?: Parameters<typeof inner.connect>[0]): Promise<pg.PoolClient> | undefined => {
      if (done === undefined) {
        return new Promise((resolve, reject) => {
          connect((error, client) => {
            if (error || !client) return reject(error);
            resolve(client);
            endAtOnce(client);
          });
        });
      }
      connect((error, client, release) => {
        done(error, client, release);
        endAtOnce(client);
      });
      return undefined;
    };
    const pool = Object.assign(inner, { connect: given as typeof inner.connect });
    const store = postgresStore(pool);
    await store.scope('tenant', 'live');
    await store.transaction?.(async () => {});
    expect(unheard).toEqual([]);
    await store.close();
    await inner.end();
    await drop();
  });

  test('that gives up by itself is called exhausted', async () => {
    const { url, drop } = await isolatedPostgres();
    const pool = new pg.Pool({ connectionString: url, max: 1, connectionTimeoutMillis: 100 });
    const store = postgresStore(pool);
    await store.migrate();
    const client = await pool.connect();
    await expect(store.scope('tenant', 'live')).rejects.toMatchObject(exhausted);
    client.release();
    await store.scope('tenant', 'live');
    await pool.end();
    await drop();
  });
});

describe.runIf(databases(['mariadb']).length > 0)('a pool of mysql2', () => {
  test('that does not wait is called exhausted', async () => {
    const { url, drop } = await isolatedMariadb();
    const pool = createPool({ uri: url, connectionLimit: 1, waitForConnections: false });
    const store = mysqlStore(pool);
    await store.migrate();
    const connection = await pool.promise().getConnection();
    await expect(store.scope('tenant', 'live')).rejects.toMatchObject(exhausted);
    connection.release();
    await store.scope('tenant', 'live');
    await pool.promise().end();
    await drop();
  });
});
