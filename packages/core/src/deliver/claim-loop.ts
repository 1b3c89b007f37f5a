import type { Context } from '../plan/context.ts';
import type { Job } from '../plan/job.ts';
import type { Claim, ClaimedMessage, RowKey, Scope } from '../spec/index.ts';
import { backOff } from '../toolkit/back-off.ts';
import { nextTurn } from '../toolkit/next-turn.ts';
import type { Arrivals } from './arrivals.ts';
import { claimedJobs, leasedJob, putBackClaimed } from './claimed-jobs.ts';
import { failStranded } from './fail-stranded.ts';
import { type ErasedContact, finishErasures, isErased } from './finish-erasures.ts';
import type { HeldJob } from './held-jobs.ts';
import type { Lane } from './lane.ts';
import type { Lanes, Room } from './lanes.ts';
import { createLiveProcesses } from './live-processes.ts';
import { reportSettled } from './report-settled.ts';
import type { Runner } from './runner.ts';
import type { Settler } from './settler.ts';
import { createWakeTimer } from './wake-timer.ts';

/** Leases what is due for the room there is, one claim at a time. */
export interface ClaimLoop {
  /** Claims in the next turn of the event loop, unless a claim has just failed. */
  soon(): void;
  /** Looks into every lane, whatever failed before. */
  poll(): void;
  /** Looks into every lane in `ms`, unless that is planned earlier. */
  by(ms: number): void;
  /** Plans nothing any more. */
  cancel(): void;
  /** The claim that runs. */
  readonly running: Promise<void> | undefined;
  /** Contacts are erased that messages were claimed for. */
  readonly erasing: boolean;
  /** Claims that failed since one last succeeded, and how the last of them did. */
  readonly failures: { readonly count: number; readonly last: unknown };
  /** Processes that share rates. */
  readonly live: number;
}

/** What the loop works with, and whom it tells. */
export interface ClaimHooks {
  readonly lanes: Lanes;
  readonly settler: Settler;
  readonly runner: Pick<Runner, 'hold' | 'drop' | 'run'>;
  readonly arrivals: Arrivals;
  /** There is any use in claiming. */
  working(): boolean;
  /** The engine stops: what was claimed is given back. */
  stopped(): boolean;
  /** Somebody waits for the end of all work. */
  hurried(): boolean;
  scopeOf(scope: number): Promise<Scope>;
  /** Finishes the erasure of a contact that messages were claimed for. */
  erase(erased: ErasedContact): Promise<void>;
  /** A claim ended. */
  changed(): void;
  failed(during: string, error: unknown): void;
}

const mostAtOnce = 500;

/** Nothing runs until `soon` or `poll` is called. */
export function createClaimLoop(context: Context, on: ClaimHooks): ClaimLoop {
  const { store, clock, settings } = context;
  const { lanes, settler, runner, failed } = on;
  const processes = createLiveProcesses(context, lanes.limited, (error) => failed('beat', error));
  const timer = createWakeTimer(clock, poll, on.working);
  let running: Promise<void> | undefined;
  let missed = false;
  let notBefore = 0;
  let nextSweep = 0;
  let stillAway: unknown;
  const erasing = new Set<Promise<void>>();
  let failures = { count: 0, last: undefined as unknown };

  function soon(): void {
    if (!on.working() || clock.monotonic() < notBefore) return;
    if (running) {
      missed = true;
      return;
    }
    missed = false;
    running = claimAll()
      .then(() => {
        if (failures.count > 0) context.log.info({ failures: failures.count }, 'The store answers again.');
        failures = { count: 0, last: undefined };
      })
      .catch((error) => {
        failures = { count: failures.count + 1, last: error };
        // A store that is away is asked again at the next poll, not in a loop.
        const wait = on.hurried() ? Math.min(settings.pollMs, backOff(failures.count)) : settings.pollMs;
        notBefore = clock.monotonic() + wait;
        timer.set(wait);
        // Ever more rarely, so that an outage does not fill a log; what the settler has said need not be said again.
        if (error !== stillAway && isPowerOfTwo(failures.count)) failed('claim', error);
      })
      .finally(() => {
        running = undefined;
        // Who woke us while the claim ended was not heard by it.
        if (missed) soon();
        on.changed();
      });
  }

  function poll(): void {
    for (const lane of lanes.all()) lane.look = true;
    notBefore = 0;
    if (running) timer.by(settings.pollMs);
    soon();
  }

  async function claimAll(): Promise<void> {
    // Whoever frees slots in this turn of the loop shares the claim.
    await nextTurn();
    let again = true;
    while (again && on.working()) again = await claimOnce();
  }

  /** True when there is room for more of what is due. */
  async function claimOnce(): Promise<boolean> {
    stillAway = await settler.triedAgain();
    if (stillAway !== undefined) throw stillAway;
    await processes.beat();
    const wanted = [...lanes.all()].filter((lane) => lane.waiting);
    const room = lanes.reserveWaiting(mostAtOnce).filter(({ limit }) => limit > 0);
    const sweep = clock.monotonic() >= nextSweep;
    if (room.length === 0 && !sweep) {
      schedule(undefined, wanted);
      return false;
    }
    // Who wakes a lane from here on is heard after this claim.
    const counted = new Map(room.map(({ waiting }) => [waiting.name, waiting.backlog]));
    for (const { waiting } of room) {
      waiting.look = false;
      waiting.backlog = 0;
    }
    const begunAt = clock.monotonic();
    const leaseEnds = begunAt + settings.leaseMs;
    let got: Claim;
    let held: readonly HeldJob[];
    try {
      [got, held] = await on.arrivals.during(lease(room, sweep, leaseEnds));
    } catch (error) {
      for (const { waiting } of room) waiting.backlog += counted.get(waiting.name) ?? 0;
      giveRoomBack(room);
      throw error;
    }
    if (sweep) nextSweep = begunAt + settings.sweepMs;
    noteLeft(room, counted, got);
    const again = await take(got, held, leaseEnds, room);
    if (!again) schedule(got, wanted);
    return again;
  }

  async function lease(
    room: readonly Room[],
    sweep: boolean,
    leaseEnds: number,
  ): Promise<readonly [Claim, readonly HeldJob[]]> {
    const got = await context.telemetry.span('tidings.store.claim', { lanes: room.length }, () =>
      store.claim({
        lanes: room.map(({ waiting, limit }) => ({ lane: waiting.name, limit })),
        leaseMs: settings.leaseMs,
        ...(sweep ? { stranded: { known: lanes.names, strandedMs: settings.strandedMs, limit: mostAtOnce } } : {}),
      }),
    );
    return [got, got.messages.map((one) => runner.hold(leasedJob(one, leaseEnds)))];
  }

  /** Hands out what was claimed, unless the engine stops; true when there is room for more of what is due. */
  async function take(
    got: Claim,
    held: readonly HeldJob[],
    leaseEnds: number,
    room: readonly Room[],
  ): Promise<boolean> {
    let jobs: readonly Job[];
    try {
      const messages = got.messages.filter((one) => !isErased(one));
      jobs = await claimedJobs({ ...got, messages }, leaseEnds, on.scopeOf, context);
    } catch (error) {
      await giveBack(held, room);
      throw error;
    }
    if (on.stopped()) {
      await giveBack(held, room);
      return false;
    }
    const holds = new Map(held.map((one) => [keyOf(one.job.message), one]));
    const serving = new Map(room.map((one) => [one.waiting.name, one.serving]));
    const taken = countByLane(jobs);
    for (const { waiting, serving: lane, limit } of room) lane.release(limit - (taken.get(waiting.name) ?? 0));
    for (const { lane, pauseIn } of got.paused) {
      const paused = lanes.get(lane);
      if (!paused) continue;
      paused.pause(pauseIn);
      paused.look = true;
    }
    const strange: Job[] = [];
    for (const job of jobs) {
      const lane = serving.get(job.message.lane);
      if (!lane) {
        strange.push(job);
        continue;
      }
      const key = keyOf(job.message);
      runner.run(job, lane, { held: holds.get(key) });
      holds.delete(key);
    }
    const erased = got.messages.filter(isErased);
    if (erased.length > 0) erase(erased, holds);
    for (const left of holds.values()) runner.drop(left);
    if (strange.length > 0) await endStranded(strange);
    return lanes.ready;
  }

  /** Beside the claims: an erasure is many transactions. What it concerns is held until it is through. */
  function erase(erased: readonly ClaimedMessage[], holds: Map<string, HeldJob>): void {
    const held = erased.flatMap(({ message }) => holds.get(keyOf(message)) ?? []);
    for (const { message } of erased) holds.delete(keyOf(message));
    const one = finishErasures(erased, on.scopeOf, on.erase, (error) => failed('erase', error)).finally(() => {
      for (const each of held) runner.drop(each);
      erasing.delete(one);
      on.changed();
    });
    erasing.add(one);
  }

  async function endStranded(jobs: readonly Job[]): Promise<void> {
    await failStranded(jobs, context, async (settlement) => {
      const settled = await settler.once(settlement);
      if (!settled.stale) reportSettled(settlement, settled, context);
    }).catch((error) => failed('settle', error));
  }

  async function giveBack(held: readonly HeldJob[], room: readonly Room[]): Promise<void> {
    for (const one of held) runner.drop(one);
    const ours = held.filter(({ revoked, lost }) => !revoked && !lost).map(({ job }) => job);
    // Leases that cannot be given back lapse by themselves; the room must not be lost with them.
    await putBackClaimed(ours, settler).catch((error) => failed('put back', error));
    giveRoomBack(room);
  }

  function giveRoomBack(room: readonly Room[]): void {
    for (const { waiting, serving, limit } of room) {
      serving.release(limit);
      waiting.look = true;
    }
  }

  function schedule(got: Claim | undefined, wanted: readonly Lane[]): void {
    const waits = wanted.map((lane) => lane.waitMs()).filter((ms) => ms !== undefined);
    // What is due and was not taken waits for a slot, which wakes us by itself.
    if (got?.nextDueIn !== null && got?.nextDueIn !== undefined && got.nextDueIn > 0) waits.push(got.nextDueIn);
    timer.by(Math.min(settings.pollMs, ...waits));
  }

  return {
    soon,
    poll,
    by: timer.by,
    cancel: timer.cancel,
    get running() {
      return running;
    },
    get erasing() {
      return erasing.size > 0;
    },
    get failures() {
      return failures;
    },
    get live() {
      return processes.count;
    },
  };
}

function keyOf({ scope, id }: RowKey): string {
  return `${scope}/${id}`;
}

function countByLane(rows: readonly { readonly message: { readonly lane: string } }[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { message } of rows) counts.set(message.lane, (counts.get(message.lane) ?? 0) + 1);
  return counts;
}

/** What still waits after a claim. Room that was all used up says that there may be more, unless nothing is due. */
function noteLeft(room: readonly Room[], counted: ReadonlyMap<string, number>, got: Claim): void {
  if (got.nextDueIn !== 0) return;
  const claimed = countByLane(got.messages);
  for (const { waiting, limit } of room) {
    if ((claimed.get(waiting.name) ?? 0) < limit) continue;
    const known = counted.get(waiting.name) ?? 0;
    if (known > limit) waiting.backlog += known - limit;
    // Those that nobody has counted may be counted in this moment.
    else if (known > 0) waiting.look = true;
    else waiting.backlog = Number.POSITIVE_INFINITY;
  }
}

function isPowerOfTwo(count: number): boolean {
  return Number.isInteger(Math.log2(count));
}
