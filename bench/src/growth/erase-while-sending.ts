import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { Sample } from '../rig/sample.ts';
import { byCallers, nameOf, orderOf } from '../work/work.ts';
import { openGround, type StoreKind } from './open-ground.ts';
import { openShop, type Shop } from './open-shop.ts';

/** What is measured. */
export interface EraseWhileSending {
  readonly store: StoreKind;
  /** Contacts that are erased, each with one message that was sent. Default: 100,000. */
  readonly contacts?: number;
  /** Default: 50. */
  readonly senders?: number;
  /** Erasures at once. Default: 4. */
  readonly erasers?: number;
  /** Erases for so long at most, in ms. Default: 120,000. */
  readonly atMostMs?: number;
  /** How long is sent alone, before and after, in ms each. Default: 2000. */
  readonly aloneMs?: number;
}

/** Sending while people are erased, against sending alone just before and just after. Times in ms. */
export async function run(setting: EraseWhileSending): Promise<Sample> {
  const { store, contacts = 100_000, senders = 50, erasers = 4, atMostMs = 120_000, aloneMs = 2000 } = setting;
  const ground = await openGround(store);
  const shop = openShop(ground);
  try {
    await shop.welcome();
    // by a broadcast: the engine makes contacts, messages and contents as it always does
    await shop.engine.broadcast('confirmation', leavers(contacts), { id: 'leavers' });
    await shop.engine.idle();
    await sendUntil(shop, senders, setTimeout(aloneMs));

    const before = await sendUntil(shop, senders, setTimeout(aloneMs));
    let failures = 0;
    let erased = 0;
    const began = performance.now();
    const erase = async (number: number): Promise<void> => {
      if (performance.now() - began > atMostMs) return;
      try {
        await shop.engine.contacts.delete(leaver(number));
        erased += 1;
      } catch {
        failures += 1;
      }
    };
    const erasing = byCallers(erasers, contacts, erase).then(() => performance.now());
    const meanwhile = await sendUntil(shop, senders, erasing);
    const eraseSeconds = ((await erasing) - began) / 1000;
    const after = await sendUntil(shop, senders, setTimeout(aloneMs));

    const [left] = await ground.run((sql) =>
      sql(`SELECT count(*) AS n FROM ${ground.table('identifiers')} WHERE value LIKE 'leaver.%'`),
    );
    if (Number(left?.n) !== contacts - erased) throw new Error(`${left?.n} of ${contacts - erased} contacts are left.`);
    failures += before.failures + meanwhile.failures + after.failures;
    const alone = (before.rate + after.rate) / 2;
    return {
      rate: meanwhile.rate,
      rateAlone: alone,
      ratio: meanwhile.rate / alone,
      p99Alone: Math.max(before.p99, after.p99),
      p99Meanwhile: meanwhile.p99,
      longestAlone: Math.max(before.longest, after.longest),
      longestMeanwhile: meanwhile.longest,
      erased,
      erasures: erased / eraseSeconds,
      failures,
    };
  } finally {
    await shop.stop();
    await ground.remove();
  }
}

const leaver = (number: number): string => `leaver.${number}@mail.example.com`;

async function* leavers(count: number): AsyncGenerator<{ to: Recipient; payload: ReturnType<typeof orderOf> }> {
  for (let number = 0; number < count; number += 1) {
    yield { to: { email: leaver(number), firstName: nameOf(number) }, payload: orderOf(number) };
  }
}

interface Recipient {
  readonly email: string;
  readonly firstName: string;
}

interface Sending {
  readonly rate: number;
  readonly p99: number;
  readonly longest: number;
  readonly failures: number;
}

/** Sends until something has come to its end, and waits for what was sent to be done. */
async function sendUntil(shop: Shop, senders: number, end: Promise<unknown>): Promise<Sending> {
  const run = randomUUID();
  const times: number[] = [];
  let failures = 0;
  let over = false;
  void end.then(() => {
    over = true;
  });
  const since = Date.now();
  const began = performance.now();
  let number = 0;
  async function call(): Promise<void> {
    while (!over) {
      const at = performance.now();
      try {
        await shop.confirm(run, number++);
        times.push(performance.now() - at);
      } catch {
        failures += 1;
      }
    }
  }
  await Promise.all(Array.from({ length: senders }, call));
  await shop.engine.idle();
  const seconds = (performance.now() - began) / 1000;
  await shop.check(since, times.length);
  times.sort((a, b) => a - b);
  return {
    rate: times.length / seconds,
    p99: times[Math.floor(times.length * 0.99)] ?? 0,
    longest: times.at(-1) ?? 0,
    failures,
  };
}
