import { setTimeout } from 'node:timers/promises';
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
    const samples: number[] = [];
    let level = 0;
    let next = settled;
    const since = Date.now();
    const began = performance.now();
    const { accepted } = await shop.engine.broadcast('confirmation', recipients(contacts), {
      id: 'everybody',
      onProgress(progress) {
        if (progress.accepted < next) return;
        const { rss } = memory();
        if (next === settled) level = rss;
        else samples.push(rss);
        next = next === settled ? Math.max(every, 2 * settled) : next + every;
      },
    });
    const acceptSeconds = (performance.now() - began) / 1000;
    await shop.engine.idle();
    const seconds = (performance.now() - began) / 1000;
    if (accepted !== contacts) throw new Error(`${accepted} of ${contacts} were accepted.`);
    await shop.check(since, contacts);
    await setTimeout(500);
    const after = memory();
    const peak = Math.max(level, ...samples);
    return {
      rate: contacts / seconds,
      acceptRate: contacts / acceptSeconds,
      rssBefore: before.rss,
      rssSettled: level,
      rssPeak: peak,
      rssAfter: after.rss,
      growth: peak - level,
      heapBefore: before.heap,
      heapAfter: after.heap,
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

function memory(): { readonly rss: number; readonly heap: number } {
  globalThis.gc?.();
  const { rss, heapUsed } = process.memoryUsage();
  return { rss: rss / mb, heap: heapUsed / mb };
}
