import type { Context } from '../plan/context.ts';
import { type Pruned, TidingsError, type Timer } from '../spec/index.ts';
import { nextTurn } from '../toolkit/next-turn.ts';

/** Removes what has been kept long enough. */
export interface Retention {
  /** Begins to do so now and then. */
  start(): void;
  /** Does so until nothing is left to remove, or until it is stopped. */
  run(): Promise<Pruned>;
  /** Resolves when the chunk that is under way has ended. */
  stop(): Promise<void>;
}

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

  async function prune(until: number): Promise<Pruned> {
    const request = {
      contentsOlderMs: settings.retention.contentsMs,
      finishedOlderMs: settings.retention.notificationsMs,
      limit: chunk,
    };
    const sum = { contents: 0, notifications: 0, messages: 0, idempotency: 0 };
    let done = false;
    while (!done && !stopped && clock.monotonic() < until) {
      const pruned = await store.prune(request);
      for (const kind of Object.keys(sum) as (keyof typeof sum)[]) sum[kind] += pruned[kind];
      ({ done } = pruned);
      await nextTurn();
    }
    return { ...sum, done };
  }

  async function tracked(until: number): Promise<Pruned> {
    const run = prune(until);
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
        tracked(clock.monotonic() + budgetMs)
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
    run: () => tracked(Number.POSITIVE_INFINITY),
    async stop() {
      stopped = true;
      timer?.cancel();
      await Promise.allSettled(running);
    },
  };
}
