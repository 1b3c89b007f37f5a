import { Redis } from 'ioredis';
import pg from 'pg';
import { servers } from '../work/servers.ts';

/** Runs `work` with a pool of as many connections as `pg` opens by default, and drops the schema afterwards. */
export async function withSchema<Result>(
  schema: string,
  work: (pool: pg.Pool) => Promise<Result>,
  options: pg.PoolConfig = {},
): Promise<Result> {
  const pool = new pg.Pool({ connectionString: servers.postgres, max: 10, ...options });
  try {
    return await work(pool);
  } finally {
    await pool.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
    await pool.end();
  }
}

/** How many, as a query with one row and one column says. */
export async function countOf(pool: pg.Pool, text: string): Promise<number> {
  return Number(Object.values((await pool.query(text)).rows[0] ?? {})[0]);
}

/** Waits until a query counts none. */
export async function untilNone(pool: pg.Pool, text: string): Promise<void> {
  while ((await countOf(pool, text)) > 0) await new Promise((resolve) => setTimeout(resolve, 2));
}

/** Removes all Redis keys that begin so. */
export async function removeKeys(prefix: string): Promise<void> {
  const redis = new Redis(servers.redis);
  try {
    for await (const keys of redis.scanStream({ match: `${prefix}*`, count: 1000 }) as AsyncIterable<string[]>) {
      if (keys.length > 0) await redis.unlink(...keys);
    }
  } finally {
    redis.disconnect();
  }
}
