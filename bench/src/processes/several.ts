// Processes on one PostgreSQL, each an engine that sends its part of the work and delivers what it can get.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import pg from 'pg';
import type { Sample } from '../rig/sample.ts';
import { servers, uniqueName } from '../work/servers.ts';
import type { Done, Order } from './engine-process.ts';

/** How many processes, what wakes them, and how much they send in all. */
export interface Several {
  readonly processes: number;
  readonly queue: Order['queue'];
  readonly count: number;
}

const warmUp = 1_000;

/** The rate of all together: from the first send of any until everything is done. */
export async function run({ processes, queue, count }: Several): Promise<Sample> {
  const name = uniqueName();
  const pool = new pg.Pool({ connectionString: servers.postgres, max: 2 });
  const fleet: ChildProcess[] = [];
  const each = Math.ceil(count / processes);
  try {
    await pool.query(`CREATE SCHEMA ${name}`);
    for (let number = 0; number < processes; number += 1) {
      const order: Order = { name, number, queue, warmUp, count: each };
      const child = start(order);
      fleet.push(child);
      // one after the other: the first makes the tables and the contacts
      await told(child);
    }
    const begun = Date.now();
    for (const child of fleet) child.send('go');
    const ends = await Promise.all(fleet.map((child) => told<Done>(child)));
    const took = Math.max(...ends.map(({ doneAt }) => doneAt)) - begun;
    await verify(pool, name, processes * (warmUp + each));
    const stopped = fleet.map((child) => once(child, 'exit'));
    for (const child of fleet) child.send('stop');
    await Promise.all(stopped);
    return {
      rate: (processes * each * 1000) / took,
      acceptedRate: (processes * each * 1000) / (Math.max(...ends.map(({ acceptedAt }) => acceptedAt)) - begun),
    };
  } finally {
    for (const child of fleet) if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    await pool.query(`DROP SCHEMA IF EXISTS ${name} CASCADE`);
    await pool.query(`DROP SCHEMA IF EXISTS ${name}_boss CASCADE`);
    await pool.end();
    if (queue === 'bullmq') await removeKeys(name);
  }
}

function start(order: Order): ChildProcess {
  return fork(fileURLToPath(new URL('./engine-process.ts', import.meta.url)), [JSON.stringify(order)], {
    execArgv: ['--no-warnings', '--conditions=source'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
}

async function told<Report>(child: ChildProcess): Promise<Report> {
  const ended = once(child, 'exit').then(([code, signal]) => {
    throw new Error(`A process ended with ${signal ?? code} before it was done.`);
  });
  const [report] = await Promise.race([once(child, 'message'), ended as Promise<never>]);
  ended.catch(() => {});
  return report as Report;
}

async function verify(pool: pg.Pool, schema: string, count: number): Promise<void> {
  const { rows } = await pool.query(
    `SELECT count(*)::int AS n FROM ${schema}.tidings_messages WHERE status = 1 AND due_at IS NULL`,
  );
  if (rows[0]?.n !== count) throw new Error(`${count} expected, but sent: ${rows[0]?.n}.`);
}

async function removeKeys(prefix: string): Promise<void> {
  const client = new Redis(servers.redis);
  const keys = await client.keys(`${prefix}:*`);
  if (keys.length > 0) await client.del(...keys);
  client.disconnect();
}
