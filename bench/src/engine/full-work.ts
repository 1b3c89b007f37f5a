// The engine with all it does: contact resolved, key and suppression checked, rendered, delivered, traced; states counted.
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import type { Sample } from '../rig/sample.ts';
import { addressOf, byCallers, keyOf, orderOf } from '../work/work.ts';
import { type DatabaseName, type Opened, openDatabase } from './open-databases.ts';
import { type MeasuredEngine, openEngine, seedContacts, sendOrder } from './open-engine.ts';

/** What is sent, by how many at once, and how. */
export interface FullWork {
  readonly store: DatabaseName;
  readonly senders: number;
  readonly count: number;
  /** One by one, in arrays of 100, or as a broadcast. Default: one by one. */
  readonly how?: 'send' | 'array' | 'broadcast';
}

// A process that has served for a while: until then its code is compiled again and again.
const warmUp = 8_000;
const arrayLength = 100;

/** Measures from the first send until everything is delivered and written. */
export async function run({ store: name, senders, count, how = 'send' }: FullWork): Promise<Sample> {
  const opened = await openDatabase(name);
  const engine = openEngine(opened.store, 2_000);
  try {
    await engine.start();
    await seedContacts(engine);
    await sendAll(engine, 'warm', how, Math.min(senders, 50), warmUp, []);
    await engine.idle();
    global.gc?.();

    const loop = monitorEventLoopDelay({ resolution: 1 });
    const times: number[] = [];
    loop.enable();
    const begun = performance.now();
    await sendAll(engine, 'full', how, senders, count, times);
    await engine.idle();
    const took = performance.now() - begun;
    loop.disable();

    await verify(opened, name, warmUp + count, how);
    times.sort((a, b) => a - b);
    return {
      rate: (count / took) * 1000,
      p50Ms: percentile(times, 0.5),
      p99Ms: percentile(times, 0.99),
      blockMs: loop.max / 1e6,
      rssMb: process.memoryUsage.rss() / 2 ** 20,
    };
  } finally {
    await engine.stop();
    await opened.store.close();
    await opened.close();
  }
}

async function sendAll(
  engine: MeasuredEngine,
  name: string,
  how: NonNullable<FullWork['how']>,
  senders: number,
  count: number,
  times: number[],
): Promise<void> {
  async function timed(work: () => Promise<unknown>): Promise<void> {
    const begun = performance.now();
    await work();
    times.push(performance.now() - begun);
  }
  if (how === 'broadcast') {
    await timed(() => engine.broadcast('confirmation', recipients(count), { id: name, payload: orderOf(0) }));
    return;
  }
  if (how === 'array') {
    await byCallers(senders, Math.ceil(count / arrayLength), (number) =>
      timed(() =>
        engine.send('confirmation', {
          to: Array.from({ length: arrayLength }, (_, index) => ({ email: addressOf(number * arrayLength + index) })),
          payload: orderOf(number),
          idempotencyKey: keyOf(name, number),
        }),
      ),
    );
    return;
  }
  await byCallers(senders, count, (number) => timed(() => sendOrder(engine, name, number)));
}

async function* recipients(count: number): AsyncGenerator<{ to: { email: string } }> {
  for (let person = 0; person < count; person += 1) yield { to: { email: addressOf(person) } };
}

/** Every message was sent and its content kept, every notification completed, every key stored. */
async function verify(opened: Opened, name: DatabaseName, count: number, how: FullWork['how']): Promise<void> {
  if (name === 'memory') return;
  const one = async (text: string): Promise<number> => Number((await opened.query(text))[0]?.n);
  const found = {
    sent: await one('SELECT count(*) AS n FROM {tables}messages WHERE status = 1 AND due_at IS NULL'),
    contents: await one('SELECT count(*) AS n FROM {tables}contents'),
    completed: await one('SELECT count(*) AS n FROM {tables}notifications WHERE status = 2'),
    ...(how === 'send' ? { keys: await one('SELECT count(*) AS n FROM {tables}idempotency') } : {}),
  };
  for (const [what, is] of Object.entries(found)) {
    if (is !== count) throw new Error(`${count} expected, but ${what}: ${is}.`);
  }
}

function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
