import { statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { median } from '../rig/median.ts';
import type { Sample } from '../rig/sample.ts';
import { fillMessages } from './fill-messages.ts';
import { measureRate } from './measure-rate.ts';
import { type Ground, openGround, type StoreKind } from './open-ground.ts';
import { openShop, type Shop } from './open-shop.ts';
import { comparePlans } from './statement-plans.ts';

/** What is measured, and on how much. */
export interface RateAtSize {
  readonly store: StoreKind;
  /** Ended messages in the tables that grow. Default: 1,000,000. */
  readonly stored?: number;
  /** Ended messages in the tables they are compared with. Default: 100,000. */
  readonly base?: number;
  /** Messages a measurement. Default: 10,000 on PostgreSQL, 8,000 on SQLite. */
  readonly count?: number;
  /** Default: 500 on PostgreSQL, 50 on SQLite. */
  readonly senders?: number;
  /** Pairs of measurements at each size. Default: 5. */
  readonly rounds?: number;
  /** In the end, also look at the plans of the store's statements: see `statement-plans.ts`. Default: false. */
  readonly plans?: boolean;
}

/** About what a stored message takes, with its notification, indexes, the log and room to sort. */
const bytesEach = 4_500;

/**
 * The engine's rate on tables of two sizes, in turn. Both begin equal, which says how much two of the same differ; then one
 * grows.
 */
export async function run(setting: RateAtSize): Promise<Sample> {
  const { store, stored = 1_000_000, base = 100_000, rounds = 5 } = setting;
  const senders = setting.senders ?? (store === 'postgres' ? 500 : 50);
  const count = setting.count ?? (store === 'postgres' ? 10_000 : 8_000);
  await checkRoom(stored);

  const grounds: Ground[] = [];
  const shops: Shop[] = [];
  try {
    for (const planned of [base, stored]) {
      const ground = await openGround(store);
      grounds.push(ground);
      const shop = openShop(ground);
      shops.push(shop);
      await shop.welcome();
      await shop.stop();
      await fillMessages(ground, { from: 0, to: base, of: planned });
      shops[shops.length - 1] = await open(ground, count, senders);
    }
    const [small, large] = grounds as [Ground, Ground];
    const equal = await inTurn(shops, rounds, count, senders);
    await shops[1]?.stop();
    const fillSeconds = await fillMessages(large, { from: base, to: stored, of: stored });
    shops[1] = await open(large, count, senders);
    const grown = await inTurn(shops, rounds, count, senders);
    const plans = setting.plans ? await comparePlans(small, large) : {};
    return {
      ...plans,
      rate: median(grown.large),
      rateSmall: median(grown.small),
      rateLarge: median(grown.large),
      ratio: median(grown.ratios),
      ratioLeast: Math.min(...grown.ratios),
      ratioMost: Math.max(...grown.ratios),
      ratioWhenEqual: median(equal.ratios),
      fillSeconds,
      bytesSmall: await small.bytes(),
      bytesLarge: await large.bytes(),
    };
  } finally {
    for (const shop of shops) await shop.stop();
    for (const ground of grounds) await ground.remove();
  }
}

async function open(ground: Ground, count: number, senders: number): Promise<Shop> {
  const shop = openShop(ground);
  await shop.engine.start();
  // what a new engine and a cold cache cost is not asked here
  await measureRate(shop, count, senders);
  return shop;
}

interface Rates {
  readonly small: number[];
  readonly large: number[];
  readonly ratios: number[];
}

async function inTurn(shops: readonly Shop[], rounds: number, count: number, senders: number): Promise<Rates> {
  const rates: Rates = { small: [], large: [], ratios: [] };
  for (let round = 0; round < rounds; round += 1) {
    const small = await measureRate(shops[0] as Shop, count, senders);
    const large = await measureRate(shops[1] as Shop, count, senders);
    rates.small.push(small);
    rates.large.push(large);
    rates.ratios.push(large / small);
  }
  return rates;
}

async function checkRoom(stored: number): Promise<void> {
  const { bavail, bsize } = await statfs(tmpdir());
  const needed = stored * bytesEach;
  if (bavail * bsize < needed) {
    throw new Error(
      `${stored} messages need ${Math.ceil(needed / 1e9)} GB; ${Math.floor((bavail * bsize) / 1e9)} GB are free.`,
    );
  }
}
