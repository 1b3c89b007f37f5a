import type { ClaimRequest, Store } from '@tidings/core';
import { median } from '../rig/median.ts';
import type { Sample } from '../rig/sample.ts';
import { fillMessages } from './fill-messages.ts';
import { type Ground, openGround, type StoreKind } from './open-ground.ts';
import { openShop } from './open-shop.ts';

/** What is measured. */
export interface DuePoll {
  readonly store: StoreKind;
  /** Messages that wait for a day far ahead. Default: 1,000,000. */
  readonly waiting?: number;
  /** Polls of each kind on each table. Default: 400. */
  readonly polls?: number;
  /** Claims of 500 due messages on each table. Default: 10. */
  readonly claims?: number;
}

const room = 500;
/** Chunks of what was sent before, that retention finds. */
const chunks = 4;
const request: ClaimRequest = { lanes: [{ lane: 'nowhere', limit: room }], leaseMs: 45_000 };
const sweep: ClaimRequest = { ...request, stranded: { known: ['nowhere'], strandedMs: 60_000, limit: room } };

/** One poll of a worker on tables where much waits, against the same where nothing does, in turn. Times in ms. */
export async function run(setting: DuePoll): Promise<Sample> {
  const { store: kind, waiting = 1_000_000, polls = 400, claims = 10 } = setting;
  const grounds: Ground[] = [];
  const stores: Store[] = [];
  try {
    for (const full of [false, true]) {
      const ground = await openGround(kind);
      grounds.push(ground);
      const shop = openShop(ground);
      await shop.welcome();
      await shop.stop();
      if (full) await fillMessages(ground, { from: 0, to: waiting, of: waiting, dueIn: 365 * 86_400_000 });
      stores.push(ground.openStore());
    }
    const [empty, full] = stores as [Store, Store];
    const poll = (): Promise<Times> => inTurn(stores, polls, (store) => claimed(store, request, 0));
    await poll();
    const idle = await poll();
    const swept = await inTurn(stores, polls, (store) => claimed(store, sweep, 0));
    const due: Times = { empty: [], full: [] };
    for (let round = 0; round < claims; round += 1) {
      for (const [index, ground] of grounds.entries()) {
        const from = waiting + round * room;
        await fillMessages(ground, { from, to: from + room, of: waiting + claims * room, dueIn: -1000 });
        const took = await claimed([empty, full][index] as Store, request, room);
        // the first is not counted
        if (round > 0) (index === 0 ? due.empty : due.full).push(took);
      }
    }
    // what retention asks for each chunk: which of these are open still
    const prunes = await inTurn(stores, chunks, pruned);
    return {
      pollEmpty: median(idle.empty),
      pollFull: median(idle.full),
      pollRatio: median(idle.full) / median(idle.empty),
      sweepEmpty: median(swept.empty),
      sweepFull: median(swept.full),
      sweepRatio: median(swept.full) / median(swept.empty),
      claimEmpty: median(due.empty),
      claimFull: median(due.full),
      claimRatio: median(due.full) / median(due.empty),
      pruneEmpty: median(prunes.empty),
      pruneFull: median(prunes.full),
      pruneRatio: median(prunes.full) / median(prunes.empty),
      claimRate: (room * 1000) / median(due.full),
    };
  } finally {
    for (const store of stores) await store.close();
    for (const ground of grounds) await ground.remove();
  }
}

interface Times {
  readonly empty: number[];
  readonly full: number[];
}

async function inTurn(
  stores: readonly Store[],
  count: number,
  measure: (store: Store) => Promise<number>,
): Promise<Times> {
  const times: Times = { empty: [], full: [] };
  for (let number = 0; number < count; number += 1) {
    times.empty.push(await measure(stores[0] as Store));
    times.full.push(await measure(stores[1] as Store));
  }
  return times;
}

async function claimed(store: Store, asked: ClaimRequest, expected: number): Promise<number> {
  const began = performance.now();
  const { messages } = await store.claim(asked);
  const took = performance.now() - began;
  if (messages.length !== expected) throw new Error(`A claim gave ${messages.length} messages instead of ${expected}.`);
  return took;
}

async function pruned(store: Store): Promise<number> {
  const began = performance.now();
  const { notifications } = await store.prune({ contentsOlderMs: 1, finishedOlderMs: 1, limit: 200 });
  const took = performance.now() - began;
  if (notifications !== 200) throw new Error(`${notifications} notifications were pruned instead of 200.`);
  return took;
}
