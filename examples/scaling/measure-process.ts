// A process of measure.ts: told what to do by lines on its standard input.
import { createInterface } from 'node:readline';
import { type ChannelAdapter, createEngine, defineEvent } from '@tidings/core';
import { mysqlStore, postgresStore } from '@tidings/store-kysely';
import mysql from 'mysql2';
import pg from 'pg';
import { queueFrom } from './queue.ts';

/** What a process is started with. */
export interface MeasureSettings {
  readonly database: 'postgres' | 'mariadb';
  readonly queue: 'poll' | 'bullmq' | 'pg-boss';
  readonly role: 'both' | 'producer' | 'worker';
  readonly url: string;
  readonly redis: string;
  readonly prefix: string;
}

const settings = JSON.parse(process.argv[2] ?? '') as MeasureSettings;
const { database, url } = settings;
const waits: number[] = [];

// a provider that takes 20 ms; of a trickle, the recipient says when it was sent
const adapter: ChannelAdapter<'email'> = {
  specVersion: 1,
  name: 'email',
  channel: 'email',
  defaultSender: { address: 'hello@example.com' },
  async send({ to }) {
    const sentAt = /^at(\d+)-/.exec(String(to))?.[1];
    if (sentAt !== undefined) waits.push(Date.now() - Number(sentAt));
    await new Promise((resolve) => setTimeout(resolve, 20));
    return { outcome: 'accepted' };
  },
};

function open() {
  if (database === 'postgres') {
    const pool = new pg.Pool({ connectionString: url, max: 4 });
    return { store: postgresStore(pool), end: () => pool.end() };
  }
  const pool = mysql.createPool({ uri: url, connectionLimit: 4 });
  return { store: mysqlStore(pool), end: () => pool.promise().end() };
}

const { store, end } = open();
const queue = queueFrom({
  QUEUE: settings.queue,
  DATABASE_URL: url,
  REDIS_URL: settings.redis,
  QUEUE_PREFIX: settings.prefix,
});
const engine = createEngine({
  store,
  adapters: [adapter],
  events: { mail: defineEvent({ templates: { email: { en: { subject: 'Hi', text: 'Hi {{contact.email}}' } } } }) },
  role: settings.role,
  ...(queue ? { queue } : {}),
});
await engine.start();
console.log('ready');

for await (const line of createInterface({ input: process.stdin })) {
  const [name = '', count = ''] = line.split(' ');
  if (name === 'stop') break;
  if (name === 'send') console.log(JSON.stringify(await send(Number(count))));
  if (name === 'trickle') console.log(await trickle(Number(count)));
  if (name === 'waits') {
    // what was sent last is called within two polls
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    console.log(JSON.stringify(waits));
  }
}
process.stdin.destroy();
await engine.stop();
await end();

async function send(count: number): Promise<{ from: number; accepted: number; done: number }> {
  const from = Date.now();
  let next = 0;
  const sender = async (): Promise<void> => {
    while (next < count) {
      next += 1;
      await engine.send('mail', { to: `${process.pid}-${next}@example.com` });
    }
  };
  await Promise.all(Array.from({ length: 200 }, sender));
  const accepted = Date.now();
  await engine.idle();
  return { from, accepted, done: Date.now() };
}

async function trickle(count: number): Promise<string> {
  for (let n = 0; n < count; n += 1) {
    await engine.send('mail', { to: `at${Date.now()}-${n}@example.com` });
    await new Promise((resolve) => setTimeout(resolve, 130));
  }
  return 'sent';
}
