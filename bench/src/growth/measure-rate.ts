import { randomUUID } from 'node:crypto';
import { byCallers } from '../work/work.ts';
import type { Shop } from './open-shop.ts';

/** Sends so many at full speed and waits for the last to be done; messages a second. Throws when one was not. */
export async function measureRate(shop: Shop, count: number, senders: number): Promise<number> {
  const run = randomUUID();
  const since = Date.now();
  const began = performance.now();
  await byCallers(senders, count, (number) => shop.confirm(run, number));
  await shop.engine.idle();
  const seconds = (performance.now() - began) / 1000;
  await shop.check(since, count);
  return count / seconds;
}
