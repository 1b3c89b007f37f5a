import type { Store } from '@tidings/core/spec';
import { isolatedMariadb, isolatedPostgres } from '@tidings/testing';
import mysql from 'mysql2';
import pg from 'pg';
import { mysqlStore, postgresStore, type ServerStoreOptions } from '../src/index.ts';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts';

/** A store whose connections go through a proxy. */
export interface Proxied {
  readonly proxy: TcpProxy;
  readonly store: Store;
  /** A store on the same tables, past the proxy. */
  readonly direct: Store;
  /** Ends, at the server, every connection that goes through the proxy. */
  killAll(): Promise<void>;
  drop(): Promise<void>;
}

interface Settings extends ServerStoreOptions {
  /** Connections of the pool. Default: 4. */
  readonly connections?: number;
  /** PostgreSQL: several queries under way at once. */
  readonly pipeline?: boolean;
}

/** A place on each server, behind a proxy. */
export const proxied: Readonly<Record<'postgres' | 'mariadb', (settings?: Settings) => Promise<Proxied>>> = {
  async postgres({ connections = 4, pipeline = false, ...options } = {}) {
    const { pool: own, url, schema, drop } = await isolatedPostgres({ max: 2 });
    const target = new URL(url);
    const proxy = await startTcpProxy({ host: target.hostname, port: Number(target.port || 5432) });
    target.host = `127.0.0.1:${proxy.port}`;
    const name = `proxied_${schema}`;
    const settings = { connectionString: target.href, max: connections, application_name: name };
    const pool = new pg.Pool({ ...settings, ...(pipeline ? { pipeline } : {}) } as pg.PoolConfig);
    pool.on('error', () => {});
    return {
      proxy,
      store: postgresStore(pool, options),
      direct: postgresStore(own),
      async killAll() {
        await own.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1', [name]);
      },
      async drop() {
        await pool.end();
        await proxy.close();
        await drop();
      },
    };
  },
  async mariadb({ connections = 4, pipeline: _, ...options } = {}) {
    const { pool: own, url, database, drop } = await isolatedMariadb({ connectionLimit: 2 });
    const target = new URL(url);
    const proxy = await startTcpProxy({ host: target.hostname, port: Number(target.port || 3306) });
    target.host = `127.0.0.1:${proxy.port}`;
    const pool = mysql.createPool({ uri: target.href, connectionLimit: connections });
    return {
      proxy,
      store: mysqlStore(pool, options),
      direct: mysqlStore(own),
      async killAll() {
        const [[mine]] = (await own.promise().query('SELECT connection_id() AS id')) as never as [[{ id: number }]];
        const [rows] = await own
          .promise()
          .query('SELECT ID AS id FROM information_schema.PROCESSLIST WHERE DB = ?', [database]);
        for (const { id } of rows as { id: number }[]) {
          if (id !== mine.id)
            await own
              .promise()
              .query(`KILL ${id}`)
              .catch(() => {});
        }
      },
      async drop() {
        await pool.promise().end();
        await proxy.close();
        await drop();
      },
    };
  },
};
