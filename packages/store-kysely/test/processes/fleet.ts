import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Child, isolatedMariadb, isolatedPostgres, startChild } from '@tidings/testing';
import { Redis } from 'ioredis';

/** What a process of a fleet is started with. */
export interface ProcessSettings {
  readonly id: number;
  readonly database: 'postgres' | 'mariadb';
  readonly url: string;
  readonly queue: QueueKind;
  readonly redis?: string;
  /** Key prefix in Redis, or schema of pg-boss. */
  readonly prefix?: string;
  readonly role: 'both' | 'producer';
  readonly ledger: string;
  readonly rate: { readonly limit: number; readonly perMs: number };
  readonly pollMs: number;
  readonly sweepMs: number;
}

export type QueueKind = 'in-process' | 'bullmq' | 'pg-boss';

/** A call of an adapter, as its process wrote it down. */
export interface Call {
  readonly process: number;
  readonly channel: string;
  readonly to: string;
  readonly attempt: number;
  readonly at: number;
}

/** Engines in processes of their own, on one database. */
export interface Fleet {
  readonly members: readonly Child[];
  /** Tells one of them, and gives its answer. */
  tell(member: number, command: string): Promise<string>;
  calls(): Promise<readonly Call[]>;
  /** SQL on the database. */
  query(sql: string): Promise<readonly Record<string, unknown>[]>;
  /** Stops all, and waits until they have ended by themselves. */
  stop(): Promise<readonly number[]>;
  /** Ends and removes everything. */
  drop(): Promise<void>;
}

export interface FleetOptions extends Partial<Pick<ProcessSettings, 'rate' | 'pollMs' | 'sweepMs' | 'redis'>> {
  /** Besides four that send and deliver. */
  readonly producers?: number;
}

export async function startFleet(
  database: 'postgres' | 'mariadb',
  queue: QueueKind,
  options: FleetOptions = {},
): Promise<Fleet> {
  const folder = await mkdtemp(join(tmpdir(), 'tidings-fleet-'));
  const ledger = join(folder, 'calls');
  const place = await places[database]();
  const redis = options.redis ?? (process.env.TIDINGS_REDIS_URL || 'redis://127.0.0.1:6379');
  const prefix = queue === 'pg-boss' ? place.name : `tidings-${randomUUID()}`;
  const members = Array.from({ length: 4 + (options.producers ?? 0) }, (_, id) => {
    const settings: ProcessSettings = {
      id,
      database,
      url: place.url,
      queue,
      redis,
      prefix,
      role: id < 4 ? 'both' : 'producer',
      ledger,
      rate: options.rate ?? { limit: 1_000, perMs: 1_000 },
      pollMs: options.pollMs ?? 1_000,
      sweepMs: options.sweepMs ?? 1_000,
    };
    return startChild(new URL('./engine-process.ts', import.meta.url), JSON.stringify(settings));
  });
  for (const member of members) await member.line();
  return {
    members,
    async tell(index, command) {
      const member = members[index];
      if (!member) throw new Error(`There is no process ${index}.`);
      member.tell(command);
      return member.line();
    },
    async calls() {
      const text = await readFile(ledger, 'utf8').catch(() => '');
      return text.split('\n').flatMap((line) => {
        const [id, channel = '', to = '', attempt, at] = line.split(' ');
        return at === undefined ? [] : [{ process: Number(id), channel, to, attempt: Number(attempt), at: Number(at) }];
      });
    },
    query: place.query,
    async stop() {
      for (const member of members) member.tell('stop');
      return Promise.all(members.map(({ ended }) => ended));
    },
    async drop() {
      for (const member of members) if (member.process.exitCode === null) member.process.kill('SIGKILL');
      await Promise.all(members.map(({ ended }) => ended));
      if (queue === 'bullmq' && options.redis === undefined) await removeKeys(redis, prefix);
      await place.drop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function removeKeys(url: string, prefix: string): Promise<void> {
  const redis = new Redis(url);
  const keys = await redis.keys(`${prefix}:*`);
  if (keys.length > 0) await redis.del(...keys);
  redis.disconnect();
}

const places = {
  async postgres() {
    const { url, schema, pool, drop } = await isolatedPostgres({ max: 2 });
    return { url, name: schema, drop, query: async (sql: string) => (await pool.query(sql)).rows };
  },
  async mariadb() {
    const { url, database, pool, drop } = await isolatedMariadb({ connectionLimit: 2 });
    const query = async (sql: string) => (await pool.promise().query(sql))[0] as Record<string, unknown>[];
    return { url, name: database, drop, query };
  },
};
