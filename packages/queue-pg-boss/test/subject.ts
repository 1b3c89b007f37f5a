import { randomUUID } from 'node:crypto';
import { silentLogger } from '@tidings/core';
import { breakableProxy, type IsolatedPostgres, type QueueSubject, startChild } from '@tidings/testing';
import { PgBoss } from 'pg-boss';
import { type PgBossQueueOptions, pgBossQueue } from '../src/index.ts';

/** What every queue here is made with besides. */
export const common = { log: silentLogger, timeoutMs: 2_000, redeliverMs: 1_000 } as const;

type Made = { readonly options: Pick<PgBossQueueOptions, 'connection' | 'schema'>; end?(): Promise<void> };

/** A queue of its own in that schema, reached through a proxy that can be cut. */
export async function pgBossSubject(
  { url, schema, pool }: IsolatedPostgres,
  open: (url: string, schema: string) => Promise<Made>,
): Promise<QueueSubject> {
  const name = `tidings-${randomUUID()}`;
  const proxy = await breakableProxy(new URL(url), 5432);
  const through = new URL(url);
  through.host = `127.0.0.1:${proxy.port}`;
  const table = `${schema}.job`;
  const { options, end } = await open(through.href, schema);
  const make = (): ReturnType<typeof pgBossQueue> => pgBossQueue({ ...common, ...options, name });
  return {
    queue: make(),
    broker: {
      peer: make,
      away: proxy.away,
      back: proxy.back,
      async flush() {
        await pool.query(`DELETE FROM ${table} WHERE name = $1`, [name]);
      },
      async putForeign() {
        const boss = new PgBoss({ connectionString: url, schema, supervise: false, schedule: false });
        boss.on('error', () => {});
        await boss.start();
        await boss.createQueue(name);
        await boss.insert(name, [{ data: { v: 9, adr: 'new' } }, { data: {} }]);
        await boss.stop({ graceful: false });
      },
      async jobs() {
        const { rows } = await pool.query(
          `SELECT count(*)::int AS n FROM ${table} WHERE name = $1 AND state IN ('created', 'retry', 'active')`,
          [name],
        );
        return rows[0].n;
      },
      async stored() {
        const { rows } = await pool.query(`SELECT job::text AS text FROM ${table} AS job WHERE name = $1`, [name]);
        return rows.map(({ text }: { text: string }) => text).join('\n');
      },
      async takeAndDie() {
        const child = startChild(new URL('./dying-consumer.ts', import.meta.url), url, schema, name);
        await child.line();
        child.process.kill('SIGKILL');
        await child.ended;
      },
    },
    async close() {
      await end?.();
      await proxy.close();
    },
  };
}
