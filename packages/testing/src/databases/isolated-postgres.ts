import { randomUUID } from 'node:crypto';
import type { Pool, PoolConfig } from 'pg';
import { unreachable } from './databases.ts';

/** A schema of one's own in PostgreSQL. */
export interface IsolatedPostgres {
  /** Of the database, with the schema as search path. */
  readonly url: string;
  readonly schema: string;
  /** Works in the schema. */
  readonly pool: Pool;
  /** Ends the pool and removes the schema with all in it. */
  drop(): Promise<void>;
}

/**
 * Makes a schema that shares nothing with other tests, in the database of `TIDINGS_POSTGRES_URL` (default:
 * `postgres://postgres@127.0.0.1:5432/test`). Needs the package `pg`.
 */
export async function isolatedPostgres(config: PoolConfig = {}): Promise<IsolatedPostgres> {
  const url = new URL(process.env.TIDINGS_POSTGRES_URL || 'postgres://postgres@127.0.0.1:5432/test');
  const schema = `tidings_${randomUUID().replaceAll('-', '')}`;
  const { default: pg } = await import('pg');
  const once = async (sql: string): Promise<void> => {
    const client = new pg.Client({ connectionString: url.href });
    await client.connect();
    await client.query(sql).finally(() => client.end());
  };
  await once(`CREATE SCHEMA ${schema}`).catch((cause: unknown) => {
    throw unreachable(
      'PostgreSQL',
      url,
      'TIDINGS_POSTGRES_URL',
      'docker run -p 5432:5432 -e POSTGRES_HOST_AUTH_METHOD=trust -e POSTGRES_DB=test postgres',
      cause,
    );
  });
  const own = new URL(url);
  own.searchParams.set('options', `-c search_path=${schema}`);
  const pool = new pg.Pool({ ...config, connectionString: own.href });
  // connections that idle while the server restarts; whoever uses one is told by its query
  pool.on('error', () => {});
  let dropped: Promise<void> | undefined;
  return {
    url: own.href,
    schema,
    pool,
    drop() {
      dropped ??= pool.end().then(() => once(`DROP SCHEMA ${schema} CASCADE`));
      return dropped;
    },
  };
}
