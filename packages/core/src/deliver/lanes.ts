import type { Context } from '../plan/context.ts';
import { createLane, type Lane, type LaneHooks } from './lane.ts';

/** Room for rows that wait in one lane: in that lane, or in the one that stands in for it. */
export interface Room {
  /** Where the rows wait. */
  readonly waiting: Lane;
  /** Where they are called. */
  readonly serving: Lane;
  readonly limit: number;
}

/** The lanes of a process, one an adapter. */
export interface Lanes {
  readonly names: readonly string[];
  /** At least one has a rate. */
  readonly limited: boolean;
  get(name: string): Lane | undefined;
  all(): Iterable<Lane>;
  /** Every lane of its channel, in the order of the adapters. */
  beside(lane: Lane): readonly Lane[];
  /** Where rows that wait in this lane are called now; undefined: nowhere, it is paused, or failing and so are the others. */
  serving(lane: Lane): Lane | undefined;
  /** Reserves what there is room for of the lanes that rows may wait in, at most so much in each. */
  reserveWaiting(most: number): readonly Room[];
  /** Rows may be due that could be called now. */
  readonly ready: boolean;
  /** Rows may be due that could be called now, or as slots and rates allow. */
  readonly waiting: boolean;
  /** Rows may be due in a lane that is paused or failing. */
  readonly stuck: boolean;
}

/** Makes a lane for each adapter. Those of one channel stand in for each other while a provider fails. */
export function createLanes(context: Context, hooks: LaneHooks): Lanes {
  const { clock, settings, plan } = context;
  const lanes = new Map<string, Lane>();
  const groups = new Map<Lane, readonly Lane[]>();
  for (const channels of [plan.adapters.live, plan.adapters.test]) {
    for (const adapters of channels.values()) {
      const group = adapters.map((adapter) => createLane(adapter, clock, settings.circuit, hooks));
      for (const lane of group) {
        lanes.set(lane.name, lane);
        groups.set(lane, group);
      }
    }
  }
  const all = [...lanes.values()];
  let turn = 0;

  function beside(lane: Lane): readonly Lane[] {
    return groups.get(lane) ?? [lane];
  }

  function serving(lane: Lane): Lane | undefined {
    if (lane.paused) return undefined;
    if (lane.condition !== 'open') return lane;
    const group = beside(lane);
    const after = group.indexOf(lane) + 1;
    return [...group.slice(after), ...group.slice(0, after)].find(
      (other) => other.condition === 'closed' && !other.paused,
    );
  }

  return {
    names: all.map(({ name }) => name),
    limited: all.some(({ adapter }) => adapter.lane?.rate !== undefined),
    get: (name) => lanes.get(name),
    all: () => all,
    beside,
    serving,
    reserveWaiting(most) {
      const queues = new Map<Lane, Lane[]>();
      for (const waiting of all) {
        const lane = waiting.waiting ? serving(waiting) : undefined;
        if (lane) queues.set(lane, [...(queues.get(lane) ?? []), waiting]);
      }
      turn += 1;
      return [...queues].flatMap(([lane, waiting]) => {
        const wanted = waiting.reduce((sum, one) => sum + one.wanted, 0);
        const parts = shareRoom(lane.reserve(Math.min(most, wanted)), waiting.length, turn);
        return waiting.map((one, index) => ({ waiting: one, serving: lane, limit: parts[index] ?? 0 }));
      });
    },
    get ready() {
      return all.some((lane) => lane.waiting && serving(lane)?.ready === true);
    },
    get waiting() {
      return all.some((lane) => lane.waiting && serving(lane) !== undefined);
    },
    get stuck() {
      return all.some((lane) => lane.waiting && serving(lane) === undefined);
    },
  };
}

/** Divides room evenly; what is left over goes to another part each turn, so that none is passed over for good. */
export function shareRoom(room: number, parts: number, turn: number): readonly number[] {
  const extra = room % parts;
  return Array.from({ length: parts }, (_, part) => Math.floor(room / parts) + ((part + turn) % parts < extra ? 1 : 0));
}
