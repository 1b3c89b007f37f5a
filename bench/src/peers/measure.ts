import { performance } from 'node:perf_hooks';
import type { Sample } from '../rig/sample.ts';
import { byCallers } from '../work/work.ts';

/** How a peer is measured. */
export interface PeerSetting {
  /** Loops that send at once, each waiting for its answer. */
  readonly senders: number;
  readonly count: number;
  /** Not one by one, but in arrays and with the fastest settings the documentation names. Default: false. */
  readonly batched?: boolean;
}

/** What a peer does of it, told apart by numbers that never come twice. */
export interface PeerWork {
  /** Sends these numbers: one, or an array where it is batched. */
  send(numbers: readonly number[]): Promise<unknown>;
  /** Resolves once all numbers below `count` are done and that is written down. */
  done(count: number): Promise<void>;
}

const warmUp = 1_000;

/** How many are sent with one call where it is batched. */
export const arrayLength = 200;

/** Sends and consumes at once: what is measured begins with the first send and ends with the last message done. */
export async function measure({ senders, count, batched = false }: PeerSetting, work: PeerWork): Promise<Sample> {
  const length = batched ? arrayLength : 1;
  const sendAll = (from: number, to: number): Promise<void> =>
    byCallers(senders, Math.ceil((to - from) / length), (call) => {
      const first = from + call * length;
      return work.send(Array.from({ length: Math.min(length, to - first) }, (_, index) => first + index));
    });

  await sendAll(0, warmUp);
  await work.done(warmUp);
  global.gc?.();

  const begun = performance.now();
  await sendAll(warmUp, warmUp + count);
  const sent = performance.now();
  await work.done(warmUp + count);
  const took = performance.now() - begun;
  return { rate: (count / took) * 1000, sendRate: (count / (sent - begun)) * 1000 };
}
