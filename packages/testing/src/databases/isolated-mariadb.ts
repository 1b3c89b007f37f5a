import { randomUUID } from 'node:crypto';
import type { Pool, PoolOptions } from 'mysql2';
import { unreachable } from './databases.ts';

/** A database of one's own in MariaDB. */
export interface IsolatedMariadb {
  readonly url: string;
  readonly database: string;
  /** Works in the database. */
  readonly pool: Pool;
  /** Ends the pool and removes the database. */
  drop(): Promise<void>;
}

/**
 * Makes a database that shares nothing with other tests, on the server of `TIDINGS_MARIADB_URL` (default:
 * `mysql://root@127.0.0.1:3306/test`). Needs the package `mysql2`.
 */
export async function isolatedMariadb(config: PoolOptions = {}): Promise<IsolatedMariadb> {
  const url = new URL(process.env.TIDINGS_MARIADB_URL || 'mysql://root@127.0.0.1:3306/test');
  const database = `tidings_${randomUUID().replaceAll('-', '')}`;
  const { default: mysql } = await import('mysql2');
  const { createConnection } = await import('mysql2/promise');
  const once = async (sql: string): Promise<void> => {
    const connection = await createConnection(url.href);
    await connection.query(sql).finally(() => connection.end());
  };
  await once(`CREATE DATABASE ${database}`).catch((cause: unknown) => {
    throw unreachable(
      'MariaDB',
      url,
      'TIDINGS_MARIADB_URL',
      'docker run -p 3306:3306 -e MARIADB_ALLOW_EMPTY_ROOT_PASSWORD=1 -e MARIADB_DATABASE=test mariadb',
      cause,
    );
  });
  const own = new URL(url);
  own.pathname = `/${database}`;
  const pool = mysql.createPool({ ...config, uri: own.href });
  let dropped: Promise<void> | undefined;
  return {
    url: own.href,
    database,
    pool,
    drop() {
      dropped ??= pool
        .promise()
        .end()
        .then(() => once(`DROP DATABASE ${database}`));
      return dropped;
    },
  };
}
