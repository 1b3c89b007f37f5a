// A process of several.ts: an engine that warms up, says so, sends its part when told to, and says when all is done.
import { once } from 'node:events';
import { inProcessQueue, type Queue } from '@tidings/core';
import { bullmqQueue } from '@tidings/queue-bullmq';
import { pgBossQueue } from '@tidings/queue-pg-boss';
import { postgresStore } from '@tidings/store-kysely';
import pg from 'pg';
import { type MeasuredEngine, openEngine, seedContacts, sendOrder } from '../engine/open-engine.ts';
import { servers } from '../work/servers.ts';
import { byCallers } from '../work/work.ts';

/** What a process is told at its start. */
export interface Order {
  /** Of the schema, and of what the queue makes. */
  readonly name: string;
  readonly number: number;
  readonly queue: 'in-process' | 'bullmq' | 'pg-boss';
  readonly warmUp: number;
  readonly count: number;
}

/** When a process was done, in ms since 1970: the clock that all processes share. */
export interface Done {
  readonly acceptedAt: number;
  readonly doneAt: number;
}

const order = JSON.parse(process.argv[2] ?? '') as Order;
const senders = 100;
const pool = new pg.Pool({ connectionString: servers.postgres, max: 6, pipeline: true } as pg.PoolConfig);
const engine = openEngine(postgresStore(pool, { schema: order.name }), undefined, openQueue(order));

process.on('disconnect', () => process.exit(3));
await engine.start();
if (order.number === 0) await seedContacts(engine);
await send(engine, 'warm', order.warmUp);
await engine.idle();
process.send?.('ready');
await once(process, 'message');
await send(engine, 'go', order.count);
const acceptedAt = Date.now();
await engine.idle();
process.send?.({ acceptedAt, doneAt: Date.now() } satisfies Done);
await once(process, 'message');
await engine.stop();
await pool.end();
process.exit(0);

function openQueue({ queue, name }: Order): Queue {
  switch (queue) {
    case 'in-process':
      return inProcessQueue();
    case 'bullmq':
      return bullmqQueue({ connection: servers.redis, prefix: name });
    case 'pg-boss':
      return pgBossQueue({ connection: servers.postgres, schema: `${name}_boss` });
  }
}

function send(on: MeasuredEngine, run: string, count: number): Promise<void> {
  return byCallers(senders, count, (number) =>
    sendOrder(on, `${run}-${order.number}`, number, number * 7 + order.number),
  );
}
