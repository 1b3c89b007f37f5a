import type { ChannelAdapter, Clock, Logger, Queue, Store } from '../spec/index.ts';
import { endsWithin, lastTryMs } from './in-grace.ts';
import type { Worker } from './worker.ts';

/** An engine that is to end. */
export interface Ending {
  readonly clock: Clock;
  readonly log: Logger;
  readonly graceMs: number;
  /** Tells whoever waits for the store that nothing will come of it. */
  refuse(): void;
  /** Undefined: it never began. */
  readonly running: Promise<Live> | undefined;
  readonly queue: Queue;
  readonly adapters: readonly ChannelAdapter[];
  // biome-ignore lint/suspicious/noExplicitAny: any transaction
  readonly store: Store<any>;
}

interface Live {
  readonly retention: { stop(): Promise<void> };
  readonly acceptor: { idle(): Promise<void> };
  readonly worker: Worker;
}

/**
 * Ends an engine in order: sends that are being accepted, calls, then what it was given. Each has its time, so that a
 * database or provider that hangs holds up the end by a few seconds at most beyond the grace. Never rejects.
 */
export async function windDown(ending: Ending): Promise<void> {
  const { clock, log, graceMs, queue, adapters, store } = ending;
  ending.refuse();
  const begun = clock.monotonic();
  const left = (): number => Math.max(0, graceMs - (clock.monotonic() - begun));
  let live: Live | undefined;
  const opened = ending.running?.then(
    (running) => {
      live = running;
    },
    () => {},
  );
  if (opened && !(await endsWithin(opened, left(), clock))) {
    log.warn({}, 'The store was still being opened when the engine had to end.');
  }
  if (live) {
    await endsWithin(live.retention.stop(), left(), clock);
    if (!(await endsWithin(live.acceptor.idle(), left(), clock))) {
      log.error(
        {},
        'The store did not answer some sends before the engine had to end; whether they were accepted is unknown.',
      );
    }
    await live.worker.stop(left());
  }
  await close('queue', {}, () => queue.close());
  await Promise.all(adapters.map((adapter) => close('adapter', { adapter: adapter.name }, () => adapter.close?.())));
  await close('store', {}, () => store.close());

  /** What does not close must not keep the rest open. */
  async function close(what: string, fields: object, closing: () => Promise<void> | undefined): Promise<void> {
    const problem = `${what === 'adapter' ? 'An' : 'The'} ${what} did not close`;
    try {
      if (!(await endsWithin(Promise.resolve(closing()), lastTryMs, clock))) log.warn(fields, `${problem} in time.`);
    } catch (err) {
      log.warn({ ...fields, err }, `${problem}.`);
    }
  }
}
