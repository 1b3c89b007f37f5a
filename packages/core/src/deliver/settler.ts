import type { Context } from '../plan/context.ts';
import { type ErrorCode, TidingsError } from '../spec/index.ts';
import { backOff } from '../toolkit/back-off.ts';
import { type Batcher, createBatcher } from '../toolkit/batcher.ts';
import { nextTurn } from '../toolkit/next-turn.ts';
import { isOutcomeUnknown } from '../toolkit/outcome-unknown.ts';
import { settle } from './settle.ts';
import type { SettledMessage, Writable } from './settlement.ts';

/** Writes settlements, many in one commit. */
export interface Settler {
  /**
   * Tries again while the store is away, busy or lost a race: a known outcome that is thrown away means a second call.
   * The epoch guards it even after the lease. Rejects with what the store refuses, or when `stopping` was aborted.
   */
  settle(settlement: Writable): Promise<SettledMessage>;
  /**
   * Resolves once what waits for the store to come back was tried again: with the error when it is still away. Before that
   * nobody may claim: a lease of ours that lapsed meanwhile would be taken for a call whose outcome nobody knows.
   */
  triedAgain(): Promise<unknown>;
  /** One try. */
  once(settlement: Writable): Promise<SettledMessage>;
  /** Resolves when everything added so far is settled. */
  idle(): Promise<void>;
  /** Logs which outcomes are known and not written: given up when `stopping` was aborted, or still under way. */
  sayUnwritten(): void;
}

const mostNamed = 100;
const passing: readonly ErrorCode[] = ['STORE_UNAVAILABLE', 'STORE_BUSY', 'STORE_CONFLICT'];

/** `failed` is told of the first failure of each settlement that is tried again. */
export function createSettler(context: Context, stopping: AbortSignal, failed: (error: unknown) => void): Settler {
  const { store, clock } = context;
  const unsure = new WeakSet<Writable>();
  const unwritten = new Set<string>();
  // While the store is away all wait together, so that they ask it together.
  let away: Promise<void> | undefined;
  let timesAway = 0;
  const again = new Set<Promise<unknown>>();
  const batches: Batcher<Writable, SettledMessage> = createBatcher({
    run: (items) => settle(items, context, unsure),
    turns: context.turns,
    monotonic: () => clock.monotonic(),
    ...(store.capabilities.blocking ? { blockMs: 15 } : {}),
  });

  function wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = clock.after(ms, end);
      stopping.addEventListener('abort', end, { once: true });
      function end(): void {
        timer.cancel();
        stopping.removeEventListener('abort', end);
        resolve();
      }
    });
  }

  function waitTogether(): Promise<void> {
    if (!away) {
      timesAway += 1;
      away = wait(backOff(timesAway)).finally(() => {
        away = undefined;
      });
    }
    return away;
  }

  async function addAgain(settlement: Writable): Promise<SettledMessage> {
    const adding = batches.add(settlement);
    again.add(adding);
    try {
      return await adding;
    } finally {
      again.delete(adding);
    }
  }

  return {
    async triedAgain() {
      if (away) {
        await away;
        // Those that waited have joined a batch by then.
        await nextTurn();
      }
      const tries = await Promise.allSettled(again);
      const reasons = tries.map((one) => (one.status === 'rejected' ? (one.reason as unknown) : undefined));
      return reasons.find((reason) => TidingsError.is(reason, 'STORE_UNAVAILABLE'));
    },
    async settle(settlement) {
      const { id } = settlement.update;
      unwritten.add(id);
      let waited = false;
      for (let failures = 1; ; failures += 1) {
        try {
          await away;
          const settled = await (waited ? addAgain(settlement) : batches.add(settlement));
          timesAway = 0;
          unwritten.delete(id);
          return settled;
        } catch (error) {
          if (isOutcomeUnknown(error)) unsure.add(settlement);
          const mayPass = TidingsError.is(error) && passing.includes(error.code);
          if (!mayPass) unwritten.delete(id);
          if (!mayPass || stopping.aborted) throw error;
          if (failures === 1) failed(error);
          waited = TidingsError.is(error, 'STORE_UNAVAILABLE');
          await (waited ? waitTogether() : wait(backOff(failures)));
        }
      }
    },
    once: batches.add,
    idle: batches.idle,
    sayUnwritten() {
      if (unwritten.size === 0) return;
      context.log.error(
        { count: unwritten.size, messages: [...unwritten].slice(0, mostNamed) },
        `The store was away to the end: what came of ${unwritten.size} calls is not written. Their leases lapse, and they count as attempts with an unknown outcome.`,
      );
    },
  };
}
