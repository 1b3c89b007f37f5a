import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Store } from '@tidings/core';
import { postgresStore, sqliteStore } from '@tidings/store-kysely';
import { Client, Pool, type PoolConfig } from 'pg';
import { servers, uniqueName } from '../work/servers.ts';

/** The databases that grow here. */
export type StoreKind = 'postgres' | 'sqlite';

/** A row as SQL gives it. */
export type Row = Readonly<Record<string, unknown>>;

/** A schema or file of its own, with the store's tables, and SQL beside the store. */
export interface Ground {
  readonly kind: StoreKind;
  /** The whole name of a table of the store. */
  table(name: string): string;
  /** Another store on the same tables; with a listener, it is told of the statements sent. */
  openStore(listen?: Listen): Store;
  /** Runs SQL in one session, that does not wait for the disk. */
  run<R>(work: (sql: (text: string, params?: readonly unknown[]) => Promise<Row[]>) => Promise<R>): Promise<R>;
  /** What it takes on disk, indexes included. */
  bytes(): Promise<number>;
  /** Removes everything. */
  remove(): Promise<void>;
}

/** Told of each statement: its text, and on PostgreSQL the plan it ran by, as `auto_explain` says it. */
export type Listen = (sent: { readonly text: string; readonly plan?: unknown; readonly ms?: number }) => void;

/** Makes a fresh one. */
export async function openGround(kind: StoreKind): Promise<Ground> {
  const name = uniqueName();
  const ground = kind === 'postgres' ? await openSchema(name) : await openFile(name);
  const store = ground.openStore();
  await store.migrate();
  await store.close();
  return ground;
}

const explaining = [
  'session_preload_libraries=auto_explain',
  'auto_explain.log_min_duration=0',
  'auto_explain.log_analyze=on',
  'auto_explain.log_timing=off',
  'auto_explain.log_format=json',
  'auto_explain.log_level=notice',
]
  .map((setting) => `-c ${setting}`)
  .join(' ');

async function openSchema(schema: string): Promise<Ground> {
  const pools: Pool[] = [];
  function openPool(listen?: Listen): Pool {
    const config = {
      connectionString: servers.postgres,
      max: 10,
      pipeline: true,
      ...(listen ? { options: explaining } : {}),
    };
    const pool = new Pool(config as PoolConfig);
    if (listen) {
      pool.on('connect', (client) => {
        client.on('notice', ({ message }) => {
          const [, ms, plan] = /^duration: ([\d.]+) ms {2}plan:\n(.*)$/s.exec(String(message)) ?? [];
          if (plan === undefined) return;
          const { 'Query Text': text, Plan } = JSON.parse(plan) as { 'Query Text': string; Plan: unknown };
          listen({ text, plan: Plan, ms: Number(ms) });
        });
      });
    }
    pools.push(pool);
    return pool;
  }

  async function run<R>(
    work: (sql: (text: string, params?: readonly unknown[]) => Promise<Row[]>) => Promise<R>,
  ): Promise<R> {
    const client = new Client(servers.postgres);
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
    openStore: (listen) => postgresStore(openPool(listen), { schema }),
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
      for (const pool of pools) await pool.end();
      await run((sql) => sql(`DROP SCHEMA ${schema} CASCADE`));
    },
  };
}

async function openFile(name: string): Promise<Ground> {
  const folder = await mkdtemp(join(tmpdir(), `${name}-`));
  const file = join(folder, 'tidings.db');
  return {
    kind: 'sqlite',
    table: (table) => `tidings_${table}`,
    openStore: (listen) => sqliteStore(file, listen ? { observe: listen } : {}) as Store,
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
