import PQueue from 'p-queue';
import { admits, afterCall, type Circuit, type CircuitSettings, closedCircuit, signOf } from '../rules/circuit.ts';
import type { ChannelAdapter, Clock, Outcome, Priority } from '../spec/index.ts';
import { createRateWindow } from './rate-window.ts';

/** The room an adapter has in this process: slots and rate tokens. Room is reserved before rows are leased. */
export interface Lane {
  readonly name: string;
  readonly adapter: ChannelAdapter;
  /** Rows that wait for this lane in the store, as far as is known; Infinity: more than were ever counted. */
  backlog: number;
  /** Rows may be waiting: the next claim asks. */
  look: boolean;
  /** Rows of it may be due: `backlog` or `look`. */
  readonly waiting: boolean;
  /**
   * Starts possible now for newcomers: those that are not wanted for rows that wait. A quarter of them even where more wait, or a backlog
   * that grows as fast as it is claimed would keep sending newcomers the long way round.
   */
  readonly spare: number;
  /** Starts worth reserving for rows that wait: for all that are known; a few where nobody has looked yet. */
  readonly wanted: number;
  /** A start is possible now. */
  readonly ready: boolean;
  /** The provider asked for a pause that is not over. */
  readonly paused: boolean;
  /** What its circuit lets begin: all calls, the one that probes, or none. */
  readonly condition: 'closed' | 'probe' | 'open';
  /** The provider failed so often in a row that it is only probed now and then. */
  readonly failing: boolean;
  /** Reserves up to `wanted` starts; returns how many. */
  reserve(wanted: number): number;
  /** Gives reserved starts back. */
  release(count: number): void;
  /** Runs a call in a reserved slot, frees the slot when it ends. */
  run(priority: Priority, call: (start: Start) => Promise<void>): void;
  /** Takes no more until `ms` have passed. */
  pause(ms: number): void;
  /** Ms until a start may be possible again because of pause, circuit or rate; undefined: something else must end first. */
  waitMs(): number | undefined;
}

/** A reserved start. */
export interface Start {
  /** The provider is about to be called: false when the circuit has opened meanwhile, and nobody may be. */
  begin(): boolean;
  /** What the call came to. */
  answered(outcome: Outcome): void;
}

/** What a lane tells. */
export interface LaneHooks {
  /** A slot became free. */
  freed(lane: Lane): void;
  /** A start of a limited rate happened. */
  begun(lane: Lane): void;
  /** The circuit opened, stayed open after a probe, or closed. */
  turned(lane: Lane, circuit: Circuit): void;
  /** Processes that share rate limits. */
  share(): number;
}

/** The lane of one adapter. Default: 200 slots, no rate limit. */
export function createLane(adapter: ChannelAdapter, clock: Clock, settings: CircuitSettings, hooks: LaneHooks): Lane {
  const slots = adapter.lane?.slots ?? 200;
  const rate = adapter.lane?.rate && createRateWindow(adapter.lane.rate.limit, adapter.lane.rate.perMs, hooks.share);
  const calls = new PQueue({ concurrency: slots });
  let taken = 0;
  let pausedUntil = 0;
  let circuit: Circuit = closedCircuit;
  /** The one start that probes: nobody has it, it is reserved, or it is called. */
  let probe: 'free' | 'reserved' | 'called' = 'free';

  const lane: Lane = {
    name: adapter.name,
    adapter,
    backlog: 0,
    look: false,
    get waiting() {
      return lane.backlog > 0 || lane.look;
    },
    get spare() {
      const free = rate ? Math.min(slots - taken, rate.free(clock.monotonic())) : slots - taken;
      return Math.max(0, free - lane.wanted, Math.floor(free / 4));
    },
    get wanted() {
      return lane.look ? Math.max(lane.backlog, Math.ceil(slots / 8)) : lane.backlog;
    },
    get ready() {
      if (lane.paused || lane.condition === 'open') return false;
      return taken < slots && (rate === undefined || rate.free(clock.monotonic()) > 0);
    },
    get paused() {
      return clock.monotonic() < pausedUntil;
    },
    get condition() {
      const admitted = admits(circuit, clock.monotonic());
      if (admitted === 'all') return 'closed';
      return admitted === 'probe' && probe === 'free' ? 'probe' : 'open';
    },
    get failing() {
      return circuit.state === 'open';
    },
    reserve(wanted) {
      const { condition } = lane;
      if (lane.paused || condition === 'open') return 0;
      let count = Math.min(condition === 'probe' ? 1 : wanted, slots - taken);
      if (rate) count = Math.min(count, rate.free(clock.monotonic()));
      if (count <= 0) return 0;
      if (condition === 'probe') probe = 'reserved';
      taken += count;
      rate?.reserve(count);
      return count;
    },
    release(count) {
      if (count > 0 && probe === 'reserved') probe = 'free';
      taken -= count;
      rate?.giveBack(count);
    },
    run(priority, call) {
      let begun = false;
      let probes = false;
      const start: Start = {
        begin() {
          const admitted = admits(circuit, clock.monotonic());
          if (admitted === 'none' || (admitted === 'probe' && probe === 'called')) return false;
          probes = admitted === 'probe';
          if (probes) probe = 'called';
          begun = true;
          if (!rate) return true;
          rate.begin(clock.monotonic());
          hooks.begun(lane);
          return true;
        },
        answered(outcome) {
          const before = circuit;
          circuit = afterCall(before, signOf(outcome), { probe: probes, now: clock.monotonic() }, settings);
          if (before.state === 'open' ? circuit !== before : circuit.state === 'open') hooks.turned(lane, circuit);
        },
      };
      void calls
        .add(() => call(start), { priority: -priority })
        .finally(() => {
          taken -= 1;
          if (probes || (!begun && probe === 'reserved')) probe = 'free';
          if (!begun) rate?.giveBack(1);
          hooks.freed(lane);
        });
    },
    pause(ms) {
      pausedUntil = Math.max(pausedUntil, clock.monotonic() + ms);
    },
    waitMs() {
      const now = clock.monotonic();
      const until = Math.max(pausedUntil, circuit.state === 'open' ? circuit.until : 0);
      if (now < until) return until - now;
      if (taken >= slots || lane.condition === 'open') return undefined;
      const wait = rate?.waitMs(now) ?? 0;
      return wait > 0 ? wait : undefined;
    },
  };
  return lane;
}
