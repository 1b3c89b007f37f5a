import { availableParallelism, cpus, totalmem } from 'node:os';
import { DatabaseSync } from 'node:sqlite';
import { Redis } from 'ioredis';
import mysql from 'mysql2/promise';
import pg from 'pg';
import type { Machine } from './results.ts';

/** Where the servers are; those that do not answer are not among them. */
export type Servers = ReadonlyMap<string, string>;

/** What measures: the machine, Node and every database with its version. */
export async function describeMachine(servers: Servers): Promise<Machine> {
  const found = await Promise.all(
    [...servers].map(async ([name, url]) => [name, await versions[name]?.(url)] as const),
  );
  return {
    cpus: availableParallelism(),
    model: cpus()[0]?.model.trim() ?? 'unknown',
    memory: Math.round(totalmem() / 2 ** 30),
    node: process.versions.node,
    databases: { sqlite: sqliteVersion(), ...Object.fromEntries(found) },
  };
}

function sqliteVersion(): string {
  const database = new DatabaseSync(':memory:');
  const row = database.prepare('SELECT sqlite_version() AS version').get();
  database.close();
  return String(row?.version);
}

const versions: Readonly<Record<string, (url: string) => Promise<string>>> = {
  async postgres(url) {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    const { rows } = await client.query('SHOW server_version');
    await client.end();
    return String(rows[0]?.server_version).split(' ')[0] ?? '';
  },
  async mariadb(url) {
    const connection = await mysql.createConnection(url);
    const [rows] = await connection.query('SELECT version() AS version');
    await connection.end();
    return String((rows as { version: string }[])[0]?.version).split('-')[0] ?? '';
  },
  async redis(url) {
    const redis = new Redis(url, { lazyConnect: true });
    await redis.connect();
    const info = await redis.info('server');
    redis.disconnect();
    return /redis_version:(\S+)/.exec(info)?.[1] ?? 'unknown';
  },
};
