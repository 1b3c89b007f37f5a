// An engine on SQLite under steady load for many minutes: does its memory stay where it is?
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { openDatabase } from '../engine/open-databases.ts';
import { type MeasuredEngine, openEngine, seedContacts, sendOrder } from '../engine/open-engine.ts';
import type { Sample } from '../rig/sample.ts';
import { byCallers } from '../work/work.ts';

/** How long it lasts. */
export interface Soak {
  readonly minutes: number;
}

const senders = 50;
const warmUp = 10_000;

/** The growth of the heap between the second quarter and the last; what came before is warming up. */
export async function run({ minutes }: Soak): Promise<Sample> {
  const collect = global.gc;
  if (!collect) throw new Error('Needs --expose-gc.');
  const opened = await openDatabase('sqlite');
  const engine = openEngine(opened.store);
  let failures = 0;
  engine.on('message.failed', () => {
    failures += 1;
  });
  try {
    await engine.start();
    await seedContacts(engine);
    const most = await fullSpeed(engine);
    const pace = most / 3;
    const totalMs = minutes * 60_000;
    const everyMs = Math.min(15_000, totalMs / 20);
    const begun = performance.now();
    const heap: { readonly at: number; readonly used: number }[] = [];
    const sample = (): void => {
      collect();
      heap.push({ at: (performance.now() - begun) / totalMs, used: process.memoryUsage().heapUsed / 2 ** 20 });
    };
    const timer = setInterval(sample, everyMs);
    let sent = 0;
    await Promise.all(
      Array.from({ length: senders }, async () => {
        while (performance.now() - begun < totalMs) {
          const number = sent++;
          const early = begun + (number / pace) * 1000 - performance.now();
          if (early > 0) await sleep(early);
          await sendOrder(engine, 'soak', number).catch(() => {
            failures += 1;
          });
        }
      }),
    );
    clearInterval(timer);
    await engine.idle();
    const tookMs = performance.now() - begun;
    const [row] = await opened.query('SELECT count(*) AS n FROM {tables}messages WHERE status = 1 AND due_at IS NULL');
    if (failures === 0 && row?.n !== warmUp + sent) throw new Error(`${warmUp + sent} expected, but sent: ${row?.n}.`);
    const [second, last] = [meanBetween(heap, 0.25, 0.5), meanBetween(heap, 0.75, 1.01)];
    return {
      heapGrowthPercent: ((last - second) / second) * 100,
      heapGrowthMb: last - second,
      heapMb: last,
      rssMb: process.memoryUsage.rss() / 2 ** 20,
      rate: (sent * 1000) / tookMs,
      mostRate: most,
      failures,
      samples: heap.length,
      minutes,
    };
  } finally {
    await engine.stop();
    await opened.store.close();
    await opened.close();
  }
}

async function fullSpeed(engine: MeasuredEngine): Promise<number> {
  await byCallers(senders, warmUp / 2, (number) => sendOrder(engine, 'warm', number));
  const begun = performance.now();
  await byCallers(senders, warmUp / 2, (number) => sendOrder(engine, 'most', number));
  await engine.idle();
  return (warmUp / 2 / (performance.now() - begun)) * 1000;
}

function meanBetween(
  heap: readonly { readonly at: number; readonly used: number }[],
  from: number,
  to: number,
): number {
  const within = heap.filter(({ at }) => at >= from && at < to).map(({ used }) => used);
  if (within.length === 0) throw new Error('Too few samples: the event loop stood still.');
  return within.reduce((sum, each) => sum + each, 0) / within.length;
}
