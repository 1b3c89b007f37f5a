import { isolatedMariadb, isolatedPostgres } from '@tidings/testing';
import { createPool, type Pool as MysqlPool } from 'mysql2';
import { Pool } from 'pg';
import { createOrders, type Library } from './library.ts';

/** An empty place with the table `orders`, and what tests need of it besides the library. */
export type Server<HostPool> = Pick<Library, 'read' | 'stranger' | 'killWaiting' | 'drop'> & {
  readonly url: string;
  /** The schema, or the database. */
  readonly place: string;
  /** For the library and the store. */
  readonly pool: HostPool;
};

/** A schema of one's own in PostgreSQL. */
export async function postgresServer(): Promise<Server<Pool>> {
  const { url, schema, pool, drop } = await isolatedPostgres({ max: 8 });
  const aside = new Pool({ connectionString: url, max: 3 });
  await aside.query(createOrders);
  return {
    url,
    place: schema,
    pool,
    read: async (sql) => (await aside.query(sql)).rows,
    async stranger() {
      const client = await aside.connect();
      return { run: (sql) => client.query(sql), release: () => client.release() };
    },
    async killWaiting() {
      const { rows } = await aside.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND pid IN
          (SELECT pid FROM pg_locks l JOIN pg_class c ON c.oid = l.relation WHERE c.relnamespace = '${schema}'::regnamespace)`,
      );
      return rows.length;
    },
    drop: () => aside.end().then(drop),
  };
}

/** A database of one's own in MariaDB. */
export async function mariadbServer(): Promise<Server<MysqlPool>> {
  const { url, database, pool, drop } = await isolatedMariadb({ connectionLimit: 8 });
  const aside = createPool({ uri: url, connectionLimit: 3 }).promise();
  await aside.query(createOrders);
  return {
    url,
    place: database,
    pool,
    read: async (sql) => (await aside.query(sql))[0] as Record<string, unknown>[],
    async stranger() {
      const connection = await aside.getConnection();
      return { run: (sql) => connection.query(sql), release: () => connection.release() };
    },
    async killWaiting() {
      // InnoDB tells of its own waits only now and then
      const [rows] = await aside.query(
        `SELECT ID AS id FROM information_schema.PROCESSLIST WHERE DB = '${database}' AND INFO LIKE '%UPDATE %tidings_contacts%' AND ID <> CONNECTION_ID()`,
      );
      for (const { id } of rows as { id: number }[]) await aside.query(`KILL ${id}`);
      return (rows as unknown[]).length;
    },
    drop: () => aside.end().then(drop),
  };
}
