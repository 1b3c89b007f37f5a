import type { Context } from '../plan/context.ts';
import { type ErrorCode, TidingsError } from '../spec/index.ts';
import { type Batcher, createBatcher } from '../toolkit/batcher.ts';
import { backOff } from './back-off.ts';
import { settle } from './settle.ts';
import type { SettledMessage, Writable } from './settlement.ts';

/** Writes settlements, many in one commit. */
export interface Settler {
  /**
   * Tries again while the store is away, busy or lost a race: a known outcome that is thrown away means a second call.
   * The epoch guards it even after the lease. Rejects with what the store refuses, or when `stopping` was aborted.
   */
  settle(settlement: Writable): Promise<SettledMessage>;
  /** One try. */
  once(settlement: Writable): Promise<SettledMessage>;
  /** Resolves when everything added so far is settled. */
  idle(): Promise<void>;
}

const passing: readonly ErrorCode[] = ['STORE_UNAVAILABLE', 'STORE_BUSY', 'STORE_CONFLICT'];

/** `failed` is told of the first failure of each settlement that is tried again. */
export function createSettler(context: Context, stopping: AbortSignal, failed: (error: unknown) => void): Settler {
  const { store, clock } = context;
  const batches: Batcher<Writable, SettledMessage> = createBatcher({
    run: (items) => settle(items, context),
    concurrency: store.capabilities.concurrentCommits,
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

  return {
    async settle(settlement) {
      for (let failures = 1; ; failures += 1) {
        try {
          return await batches.add(settlement);
        } catch (error) {
          if (stopping.aborted || !TidingsError.is(error) || !passing.includes(error.code)) throw error;
          if (failures === 1) failed(error);
          await wait(backOff(failures));
        }
      }
    },
    once: batches.add,
    idle: batches.idle,
  };
}
