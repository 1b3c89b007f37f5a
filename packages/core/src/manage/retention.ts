import type { Context } from '../plan/context.ts';
import { type Pruned, TidingsError, type Timer } from '../spec/index.ts';
import { nextTurn } from '../toolkit/next-turn.ts';

/** Removes what has been kept long enough. */
export interface Retention {
  /** Begins to do so now and then. */
  start(): void;
  /** Does so until nothing is left to remove, or until it is stopped. */
  run(): Promise<Removed>;
  /** Resolves when the chunk that is under way has ended. */
  stop(): Promise<void>;
}

/** What a run of several chunks removed. */
export type Removed = Omit<Pruned, 'cursor'>;

const chunk = 200;
const hourMs = 3_600_000;
/** What one of the runs of its own accord may take; the next goes on where it was. */
const budgetMs = 30_000;

/** Chunk by chunk, each a short transaction, with a turn of the event loop in between for whoever sends. */
export function createRetention(on: Context): Retention {
  const { store, clock, random, settings } = on;
  const running = new Set<Promise<unknown>>();
  let stopped = false;
  let timer: Timer | undefined;
  /** Where the last run of its own accord ran out of time. */
  let left: string | null = null;

  async function prune(until: number, from: string | null): Promise<Pruned> {
    const request = {
      contentsOlderMs: settings.retention.contentsMs,
      finishedOlderMs: settings.retention.notificationsMs,
      limit: chunk,
    };
    const sum = { contents: 0, notifications: 0, messages: 0, idempotency: 0 };
    let cursor = from;
    let done = false;
    while (!done && !stopped && clock.monotonic() < until) {
      const pruned = await store.prune({ ...request, cursor });
      for (const kind of Object.keys(sum) as (keyof typeof sum)[]) sum[kind] += pruned[kind];
      ({ cursor, done } = pruned);
      await nextTurn();
    }
    return { ...sum, done, cursor };
  }

  async function tracked(until: number, from: string | null): Promise<Pruned> {
    const run = prune(until, from);
    running.add(run);
    try {
      return await run;
    } finally {
      running.delete(run);
    }
  }

  function schedule(ms: number): void {
    if (stopped) return;
    timer = clock.after(
      ms,
      () => {
        const from = left;
        // After a failure from the oldest on: whatever it was, nothing is passed over for good.
        left = null;
        tracked(clock.monotonic() + budgetMs, from)
          .then(({ cursor }) => {
            left = cursor;
          })
          .catch(failed)
          // Processes that were started together do not prune together.
          .finally(() => schedule(hourMs * (0.75 + random.fraction() / 2)));
      },
      { hold: false },
    );
  }

  function failed(cause: unknown): void {
    const error = TidingsError.is(cause)
      ? cause
      : new TidingsError('INTERNAL', 'Rows past their retention could not be removed.', { cause });
    on.log.warn({ during: 'prune', code: error.code, err: cause }, error.message);
    on.report({ name: 'error', scope: undefined, fields: { error, during: 'prune' } });
  }

  return {
    start() {
      if (!timer) schedule(hourMs * random.fraction());
    },
    async run() {
      const { cursor: _, ...removed } = await tracked(Number.POSITIVE_INFINITY, null);
      return removed;
    },
    async stop() {
      stopped = true;
      timer?.cancel();
      await Promise.allSettled(running);
    },
  };
}
