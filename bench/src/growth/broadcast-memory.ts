import type { Sample } from '../rig/sample.ts';
import { nameOf, orderOf } from '../work/work.ts';
import { openGround, type StoreKind } from './open-ground.ts';
import { openShop } from './open-shop.ts';

/** What is measured. */
export interface BroadcastMemory {
  readonly store: StoreKind;
  /** Recipients. Default: 1,000,000. */
  readonly contacts?: number;
  /** Until so many are accepted everything still grows to its size. Default: 20,000. */
  readonly settled?: number;
}

const every = 50_000;
const mb = 1024 * 1024;

/**
 * A broadcast to contacts that come one by one and are new, delivered meanwhile. Wants a process with `--expose-gc`;
 * without it `collected` is 0 and what is garbage counts as memory. In MB.
 */
export async function run(setting: BroadcastMemory): Promise<Sample> {
  const { store, contacts = 1_000_000, settled = 20_000 } = setting;
  const ground = await openGround(store);
  const shop = openShop(ground);
  try {
    await shop.welcome();
    const before = memory();
    const accepting: Memory[] = [];
    const delivering: Memory[] = [];
    let level = before;
    let next = settled;
    const since = Date.now();
    const began = performance.now();
    const { accepted } = await shop.engine.broadcast('confirmation', recipients(contacts), {
      id: 'everybody',
      onProgress(progress) {
        if (progress.accepted < next) return;
        if (next === settled) level = memory();
        else accepting.push(memory());
        next = next === settled ? Math.max(every, 2 * settled) : next + every;
      },
    });
    const acceptSeconds = (performance.now() - began) / 1000;
    // accepting is faster than delivering: most of the work may still be ahead
    const sampling = setInterval(() => delivering.push(memory()), 3000);
    await shop.engine.idle();
    clearInterval(sampling);
    const seconds = (performance.now() - began) / 1000;
    if (accepted !== contacts) throw new Error(`${accepted} of ${contacts} were accepted.`);
    await shop.check(since, contacts);
    const after = memory();
    const most = (of: readonly Memory[], figure: keyof Memory): number =>
      Math.max(level[figure], ...of.map((sample) => sample[figure]));
    const all = [...accepting, ...delivering, after];
    return {
      rate: contacts / seconds,
      acceptRate: contacts / acceptSeconds,
      rssBefore: before.rss,
      rssSettled: level.rss,
      rssPeak: most(all, 'rss'),
      rssAfter: after.rss,
      growth: most(all, 'rss') - level.rss,
      growthWhileAccepting: most(accepting, 'rss') - level.rss,
      heapSettled: level.heap,
      heapPeak: most(all, 'heap'),
      heapAfter: after.heap,
      buffersPeak: most(all, 'buffers'),
      collected: globalThis.gc ? 1 : 0,
      bytes: await ground.bytes(),
    };
  } finally {
    await shop.stop();
    await ground.remove();
  }
}

async function* recipients(count: number): AsyncGenerator<{
  to: { email: string; firstName: string };
  payload: ReturnType<typeof orderOf>;
}> {
  for (let number = 0; number < count; number += 1) {
    yield { to: { email: `reader.${number}@mail.example.com`, firstName: nameOf(number) }, payload: orderOf(number) };
  }
}

interface Memory {
  readonly rss: number;
  readonly heap: number;
  /** Outside the heap. */
  readonly buffers: number;
}

function memory(): Memory {
  globalThis.gc?.();
  const { rss, heapUsed, external } = process.memoryUsage();
  return { rss: rss / mb, heap: heapUsed / mb, buffers: external / mb };
}
