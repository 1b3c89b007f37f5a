import { TidingsError } from '../spec/index.ts';
import { type CommitTurns, createCommitTurns } from './commit-turns.ts';

/** What became of one item of a batch. */
export type Settled<Result> = { readonly value: Result } | { readonly error: unknown };

/** How a batcher groups. */
export interface BatcherOptions<Item, Result> {
  /** Commits a batch: one entry an item, in order. Throwing refuses the whole batch. */
  run(items: readonly Item[]): Promise<readonly Settled<Result>[]>;
  /** Most items in a batch. Default: 200. */
  readonly size?: number;
  /** The batch may grow to this while it stays within `blockMs`. Default: 500. */
  readonly cap?: number;
  /** Whose turns it takes to commit. Default: its own, one batch at a time. */
  readonly turns?: CommitTurns;
  /** An item that must not share its batch. Default: none. */
  alone?(item: Item): boolean;
  /** Keep a batch this short, in ms, by shrinking it: for stores that work on this thread. Default: no bound. */
  readonly blockMs?: number;
  /** Milliseconds that never go back; needed with `blockMs`. */
  monotonic?(): number;
}

/** Turns concurrent calls into shared commits. */
export interface Batcher<Item, Result> {
  /** Resolves with the item's own result, or rejects with its own error. */
  add(item: Item): Promise<Result>;
  /** Resolves when everything added so far is settled. */
  idle(): Promise<void>;
  /** Items not settled yet. */
  readonly pending: number;
}

interface Waiting<Item, Result> {
  readonly item: Item;
  resolve(result: Result): void;
  reject(error: unknown): void;
}

const smallest = 10;

/**
 * Flushes when the previous commit returns, never after a delay: the first item waits only for the turn of the event
 * loop in which others may join it. A refused batch is bisected until the guilty item stands alone.
 */
export function createBatcher<Item, Result>(options: BatcherOptions<Item, Result>): Batcher<Item, Result> {
  const cap = options.cap ?? 500;
  let size = options.size ?? 200;
  let queue: Waiting<Item, Result>[] = [];
  let pending = 0;
  let idlers: (() => void)[] = [];

  const schedule = (options.turns ?? createCommitTurns(1)).join({
    wants: () => queue.length > 0,
    async begin() {
      const batch = take();
      await commit(batch);
      pending -= batch.length;
      if (pending > 0) return;
      const waiting = idlers;
      idlers = [];
      for (const done of waiting) done();
    },
  });

  function take(): Waiting<Item, Result>[] {
    const alone = options.alone;
    let count = Math.min(size, queue.length);
    if (alone) {
      const first = queue[0];
      if (first && alone(first.item)) count = 1;
      else {
        const stop = queue.findIndex((waiting, index) => index < count && alone(waiting.item));
        if (stop > 0) count = stop;
      }
    }
    if (count === queue.length) {
      const all = queue;
      queue = [];
      return all;
    }
    return queue.splice(0, count);
  }

  async function commit(batch: readonly Waiting<Item, Result>[]): Promise<void> {
    const begun = options.monotonic?.() ?? 0;
    let results: readonly Settled<Result>[];
    try {
      results = await options.run(batch.map((waiting) => waiting.item));
    } catch (error) {
      if (batch.length === 1 || !isOneItemsFault(error)) {
        for (const waiting of batch) waiting.reject(error);
        return;
      }
      const half = batch.length >> 1;
      const first = commit(batch.slice(0, half));
      // The one whose row is locked waits for it; its neighbours must not wait with it.
      if (!isLockedRow(error)) await first;
      await Promise.all([first, commit(batch.slice(half))]);
      return;
    }
    adapt(batch.length, (options.monotonic?.() ?? 0) - begun);
    for (const [index, waiting] of batch.entries()) {
      const settled = results[index];
      if (settled === undefined) waiting.reject(new TidingsError('INTERNAL', 'A batch lost the result of an item.'));
      else if ('error' in settled) waiting.reject(settled.error);
      else waiting.resolve(settled.value);
    }
  }

  function adapt(count: number, tookMs: number): void {
    const blockMs = options.blockMs;
    if (blockMs === undefined) return;
    if (tookMs > blockMs && count > smallest) size = Math.max(smallest, Math.floor((count * blockMs) / tookMs));
    else if (count === size && tookMs < blockMs / 2) size = Math.min(cap, Math.ceil(size * 1.25));
  }

  return {
    add(item) {
      pending += 1;
      return new Promise<Result>((resolve, reject) => {
        queue.push({ item, resolve, reject });
        schedule();
      });
    },
    idle() {
      if (pending === 0) return Promise.resolve();
      return new Promise((resolve) => idlers.push(resolve));
    },
    get pending() {
      return pending;
    },
  };
}

/** A refusal is one item's fault; an unreachable or busy database is nobody's, and splitting would only ask it again. */
function isOneItemsFault(error: unknown): boolean {
  if (isLockedRow(error)) return true;
  return !(TidingsError.is(error) && (error.code === 'STORE_UNAVAILABLE' || error.code === 'STORE_BUSY'));
}

function isLockedRow(error: unknown): boolean {
  return TidingsError.is(error, 'STORE_BUSY') && error.details.lock === 'row';
}
