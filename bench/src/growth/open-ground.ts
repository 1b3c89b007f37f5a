import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Store } from '@tidings/core';
import { postgresStore, sqliteStore } from '@tidings/store-kysely';
import { Client, Pool, type PoolConfig } from 'pg';

/** The databases that grow here. */
export type StoreKind = 'postgres' | 'sqlite';

/** A row as SQL gives it. */
export type Row = Readonly<Record<string, unknown>>;

/** A schema or file of its own, with the store's tables, and SQL beside the store. */
export interface Ground {
  readonly kind: StoreKind;
  /** The whole name of a table of the store. */
  table(name: string): string;
  /** Another store on the same tables. It closes with its engine, or by `close`. */
  openStore(): Store;
  /** Runs SQL in one session, that does not wait for the disk. */
  run<R>(work: (sql: (text: string, params?: readonly unknown[]) => Promise<Row[]>) => Promise<R>): Promise<R>;
  /** What it takes on disk, indexes included. */
  bytes(): Promise<number>;
  /** Removes everything. */
  remove(): Promise<void>;
}

/** How to look over the shoulder of the store. PostgreSQL only. */
export interface Watch {
  readonly pool: PoolConfig;
  notice(message: string): void;
}

/** The server that is measured. */
export const postgresUrl = process.env.BENCH_POSTGRES ?? 'postgres://root@127.0.0.1:5432/test';

/** Makes a fresh one. */
export async function openGround(kind: StoreKind, watch?: Watch): Promise<Ground> {
  const name = `bench_${randomBytes(5).toString('hex')}`;
  const ground = kind === 'postgres' ? await openSchema(name, watch) : await openFile(name);
  const store = ground.openStore();
  await store.migrate();
  await store.close();
  return ground;
}

async function openSchema(schema: string, watch: Watch | undefined): Promise<Ground> {
  const config: PoolConfig & { pipeline: boolean } = { connectionString: postgresUrl, max: 8, pipeline: true };
  const pool = new Pool({ ...config, ...watch?.pool });
  if (watch) {
    pool.on('connect', (client) => {
      client.on('notice', ({ message }) => watch.notice(String(message)));
    });
  }

  async function run<R>(
    work: (sql: (text: string, params?: readonly unknown[]) => Promise<Row[]>) => Promise<R>,
  ): Promise<R> {
    const client = new Client(postgresUrl);
    await client.connect();
    try {
      await client.query("SET synchronous_commit = off; SET maintenance_work_mem = '1GB'; SET jit = off");
      return await work(async (text, params = []) => (await client.query(text, [...params])).rows);
    } finally {
      await client.end();
    }
  }

  await run((sql) => sql(`CREATE SCHEMA ${schema}`));
  return {
    kind: 'postgres',
    table: (name) => `${schema}.tidings_${name}`,
    openStore: () => postgresStore(pool, { schema }),
    run,
    bytes: () =>
      run(async (sql) => {
        const [row] = await sql(
          'SELECT sum(pg_total_relation_size(c.oid)) AS bytes FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace ' +
            "WHERE n.nspname = $1 AND c.relkind = 'r'",
          [schema],
        );
        return Number(row?.bytes);
      }),
    async remove() {
      await pool.end();
      await run((sql) => sql(`DROP SCHEMA ${schema} CASCADE`));
    },
  };
}

async function openFile(name: string): Promise<Ground> {
  const folder = await mkdtemp(join(process.env.BENCH_FOLDER ?? tmpdir(), `${name}-`));
  const file = join(folder, 'tidings.db');
  return {
    kind: 'sqlite',
    table: (table) => `tidings_${table}`,
    openStore: () => sqliteStore(file) as Store,
    async run(work) {
      const database = new DatabaseSync(file, { timeout: 10_000 });
      try {
        database.exec('PRAGMA synchronous = OFF; PRAGMA cache_size = -400000; PRAGMA temp_store = MEMORY');
        return await work(async (text, params = []) => database.prepare(text).all(...(params as never[])) as Row[]);
      } finally {
        database.close();
      }
    },
    bytes: async () => (await stat(file)).size,
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
