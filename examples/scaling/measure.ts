// How many messages a second one, two and four processes accept and deliver, and how long a sent message waits for its
// call. `node --conditions=source measure.ts` prints a table; each figure is the median of three runs, taken in turns.
// ONLY=mariadb, MESSAGES=1000 and ROUNDS=1 make it shorter.
import { randomUUID } from 'node:crypto';
import { type Child, isolatedMariadb, isolatedPostgres, startChild } from '@tidings/testing';
import { Redis } from 'ioredis';
import type { MeasureSettings } from './measure-process.ts';

const messages = Number(process.env.MESSAGES ?? 2_000);
const redisUrl = process.env.TIDINGS_REDIS_URL || 'redis://127.0.0.1:6379';

const places = {
  async postgres() {
    const { url, schema, drop } = await isolatedPostgres({ max: 1 });
    return { url, prefix: schema, drop };
  },
  async mariadb() {
    const { url, database, drop } = await isolatedMariadb({ connectionLimit: 1 });
    return { url, prefix: database, drop };
  },
};

interface Result {
  readonly accepted: number;
  readonly delivered: number;
  readonly waitMs: number;
}

async function run(
  database: 'postgres' | 'mariadb',
  queue: MeasureSettings['queue'],
  processes: number,
): Promise<Result> {
  const place = await places[database]();
  const prefix = queue === 'bullmq' ? `tidings-${randomUUID()}` : place.prefix;
  const start = (role: MeasureSettings['role']) => {
    const settings: MeasureSettings = { database, queue, role, url: place.url, redis: redisUrl, prefix };
    return startChild(new URL('./measure-process.ts', import.meta.url), JSON.stringify(settings));
  };
  try {
    // throughput: everybody sends and delivers
    const fleet = Array.from({ length: processes }, () => start('both'));
    for (const each of fleet) await each.line();
    for (const each of fleet) each.tell(`send ${Math.floor(messages / processes)}`);
    const ends = await Promise.all(
      fleet.map(async (each) => JSON.parse(await each.line()) as { from: number; accepted: number; done: number }),
    );
    for (const each of fleet) each.tell('stop');
    await Promise.all(fleet.map(({ ended }) => ended));
    const from = Math.min(...ends.map((end) => end.from));
    const perSecond = (until: number): number => (messages * 1000) / (until - from);
    return {
      accepted: perSecond(Math.max(...ends.map((end) => end.accepted))),
      delivered: perSecond(Math.max(...ends.map((end) => end.done))),
      waitMs: processes === 2 ? await waitOf(start) : Number.NaN,
    };
  } finally {
    if (queue === 'bullmq') await removeKeys(prefix);
    await place.drop();
  }
}

/** Latency: one only sends, now and then, and two only deliver. */
async function waitOf(start: (role: MeasureSettings['role']) => Child): Promise<number> {
  const producer = start('producer');
  const workers = [start('worker'), start('worker')];
  for (const each of [producer, ...workers]) await each.line();
  producer.tell('trickle 25');
  await producer.line();
  for (const each of workers) each.tell('waits');
  const waits: number[] = [];
  for (const each of workers) waits.push(...(JSON.parse(await each.line()) as number[]));
  for (const each of [producer, ...workers]) each.tell('stop');
  await Promise.all([producer, ...workers].map(({ ended }) => ended));
  return median(waits);
}

async function removeKeys(prefix: string): Promise<void> {
  const redis = new Redis(redisUrl);
  const keys = await redis.keys(`${prefix}:*`);
  if (keys.length > 0) await redis.del(...keys);
  redis.disconnect();
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

const setups = (
  [
    ['postgres', 'poll'],
    ['postgres', 'bullmq'],
    ['postgres', 'pg-boss'],
    ['mariadb', 'poll'],
  ] as const
)
  .filter(([database]) => database.includes(process.env.ONLY ?? ''))
  .flatMap(([database, queue]) =>
    [1, 2, 4].map((processes) => ({ database, queue, processes, results: [] as Result[] })),
  );

for (let round = 0; round < Number(process.env.ROUNDS ?? 3); round += 1) {
  for (const { database, queue, processes, results } of setups) {
    results.push(await run(database, queue, processes));
    console.error(`round ${round + 1}: ${database} ${queue} ${processes}`, results.at(-1));
  }
}
console.log('| database | woken by | processes | accepted a second | delivered a second | wait for the call, ms |');
console.log('| --- | --- | --- | --- | --- | --- |');
for (const { database, queue, processes, results } of setups) {
  const figures = (['accepted', 'delivered', 'waitMs'] as const).map((name) => {
    const figure = median(results.map((result) => result[name]));
    return Number.isNaN(figure) ? '' : Math.round(figure).toLocaleString('en');
  });
  console.log(`| ${database} | ${queue} | ${processes} | ${figures.join(' | ')} |`);
}
