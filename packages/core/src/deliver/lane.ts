import PQueue from 'p-queue';
import type { ChannelAdapter, Clock, Priority } from '../spec/index.ts';
import { createRateWindow } from './rate-window.ts';

/** The room an adapter has in this process: slots and rate tokens. Room is reserved before rows are leased. */
export interface Lane {
  readonly name: string;
  readonly adapter: ChannelAdapter;
  /** Rows wait for this lane in the store, so newcomers must not overtake them. */
  backlog: boolean;
  /** Rows may be waiting: the next claim asks. */
  look: boolean;
  /** Rows of it may be due: `backlog` or `look`. */
  readonly waiting: boolean;
  /** A start is possible now. */
  readonly ready: boolean;
  /** The provider asked for a pause that is not over. */
  readonly paused: boolean;
  /** Reserves up to `wanted` starts; returns how many. */
  reserve(wanted: number): number;
  /** Gives reserved starts back. */
  release(count: number): void;
  /** Runs a call in a reserved slot, frees the slot when it ends. `begin` is called when the provider is. */
  run(priority: Priority, call: (begin: () => void) => Promise<void>): void;
  /** Takes no more until `ms` have passed. */
  pause(ms: number): void;
  /** Ms until a start may be possible again because of pause or rate; undefined: something else must end first. */
  waitMs(): number | undefined;
}

/** What a lane tells. */
export interface LaneHooks {
  /** A slot became free. */
  freed(lane: Lane): void;
  /** A start of a limited rate happened. */
  begun(lane: Lane): void;
  /** Processes that share rate limits. */
  share(): number;
}

/** The lane of one adapter. Default: 200 slots, no rate limit. */
export function createLane(adapter: ChannelAdapter, clock: Clock, hooks: LaneHooks): Lane {
  const slots = adapter.lane?.slots ?? 200;
  const rate = adapter.lane?.rate && createRateWindow(adapter.lane.rate.limit, adapter.lane.rate.perMs, hooks.share);
  const calls = new PQueue({ concurrency: slots });
  let taken = 0;
  let pausedUntil = 0;

  const lane: Lane = {
    name: adapter.name,
    adapter,
    backlog: false,
    look: false,
    get waiting() {
      return lane.backlog || lane.look;
    },
    get ready() {
      return !lane.paused && taken < slots && (rate === undefined || rate.free(clock.monotonic()) > 0);
    },
    get paused() {
      return clock.monotonic() < pausedUntil;
    },
    reserve(wanted) {
      if (lane.paused) return 0;
      let count = Math.min(wanted, slots - taken);
      if (rate) count = Math.min(count, rate.free(clock.monotonic()));
      if (count <= 0) return 0;
      taken += count;
      rate?.reserve(count);
      return count;
    },
    release(count) {
      taken -= count;
      rate?.giveBack(count);
    },
    run(priority, call) {
      let begun = false;
      const begin = (): void => {
        if (begun) return;
        begun = true;
        if (!rate) return;
        rate.begin(clock.monotonic());
        hooks.begun(lane);
      };
      void calls
        .add(() => call(begin), { priority: -priority })
        .finally(() => {
          taken -= 1;
          if (!begun) rate?.giveBack(1);
          hooks.freed(lane);
        });
    },
    pause(ms) {
      pausedUntil = Math.max(pausedUntil, clock.monotonic() + ms);
    },
    waitMs() {
      const now = clock.monotonic();
      if (now < pausedUntil) return pausedUntil - now;
      if (taken >= slots) return undefined;
      const wait = rate?.waitMs(now) ?? 0;
      return wait > 0 ? wait : undefined;
    },
  };
  return lane;
}
