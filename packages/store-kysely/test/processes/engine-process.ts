// An engine in a process of its own. It is told what to do by lines on its standard input, answers each with a line, and
// writes every call of an adapter to a file that all processes share.
import { openSync, writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { type ChannelAdapter, createEngine, defineEvent, type Queue, silentLogger } from '@tidings/core';
import { bullmqQueue } from '@tidings/queue-bullmq';
import { pgBossQueue } from '@tidings/queue-pg-boss';
import mysql from 'mysql2';
import pg from 'pg';
import { mysqlStore, postgresStore } from '../../src/index.ts';
import type { ProcessSettings } from './fleet.ts';

const settings = JSON.parse(process.argv[2] ?? '') as ProcessSettings;
const { id, database, url, role, ledger } = settings;
// opened to append: a short line of one process never tears that of another
const file = openSync(ledger, 'a');
let throttled = false;

function adapter<Channel extends 'email' | 'sms'>(
  channel: Channel,
  lane: NonNullable<ChannelAdapter['lane']>,
): ChannelAdapter<Channel> {
  return {
    specVersion: 1,
    name: channel,
    channel,
    lane,
    defaultSender: { address: 'hello@example.com' },
    async send(message, { attempt }) {
      writeSync(file, `${id} ${channel} ${message.to} ${attempt} ${Date.now()}\n`);
      if (throttled && channel === 'sms') {
        throttled = false;
        return { outcome: 'retry', reason: 'too many', afterMs: 60_000, lane: { pauseMs: 3_000 } };
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
      return { outcome: 'accepted' };
    },
  };
}

function queueOf(): Queue | undefined {
  if (settings.queue === 'bullmq') {
    const { redis = '', prefix = '' } = settings;
    return bullmqQueue({ connection: redis, prefix, timeoutMs: 1_000, log: silentLogger });
  }
  if (settings.queue === 'pg-boss') return pgBossQueue({ connection: url, schema: settings.prefix ?? '' });
  return undefined;
}

const stores = {
  postgres() {
    const pool = new pg.Pool({ connectionString: url, max: 4 });
    return { store: postgresStore(pool), end: () => pool.end() };
  },
  mariadb() {
    const pool = mysql.createPool({ uri: url, connectionLimit: 4 });
    return { store: mysqlStore(pool), end: () => pool.promise().end() };
  },
};
const { store, end } = stores[database]();
const queue = queueOf();
const engine = createEngine({
  store,
  adapters: [adapter('email', { slots: 4 }), adapter('sms', { slots: 50, rate: settings.rate })],
  events: {
    mail: defineEvent({ templates: { email: { en: { subject: 'Hi', text: 'Hi' } } } }),
    text: defineEvent({ templates: { sms: { en: { text: 'Hi' } } } }),
  },
  ...(queue ? { queue } : {}),
  role,
  log: silentLogger,
  delivery: { pollMs: settings.pollMs, sweepMs: settings.sweepMs },
});

const say = (text: string): boolean => process.stdout.write(`${text}\n`);
const commands: Readonly<Record<string, (first: string, second: string) => Promise<string>>> = {
  async mail(count, name) {
    await Promise.all(numbers(count).map((n) => engine.send('mail', { to: `${name}-${n}@example.com` })));
    return 'sent';
  },
  async text(count, prefix) {
    await Promise.all(
      numbers(count).map((n) => engine.send('text', { to: `+46${prefix}${String(n).padStart(6, '0')}` })),
    );
    return 'sent';
  },
  async same(count, key) {
    const send = { to: `${key}@example.com`, idempotencyKey: key };
    const sent = await Promise.all(numbers(count).map(() => engine.send('mail', send)));
    return JSON.stringify([...new Set(sent.map((each) => each.id))]);
  },
  async throttle() {
    throttled = true;
    return 'throttled';
  },
  async stop() {
    await engine.stop();
    await end();
    return 'stopped';
  },
};

function numbers(count: string): readonly number[] {
  return Array.from({ length: Number(count) }, (_, n) => n);
}

await engine.start();
say('ready');
for await (const line of createInterface({ input: process.stdin })) {
  const [name = '', first = '', second = ''] = line.split(' ');
  say((await commands[name]?.(first, second)) ?? `unknown ${name}`);
  if (name === 'stop') break;
}
// what stays open then is a leak, and the test waits in vain for the end
process.stdin.destroy();
