import type { Context } from '../plan/context.ts';
import type { Held } from '../plan/held.ts';
import type { Job } from '../plan/job.ts';
import { type ChannelAdapter, type Claim, type Mode, TidingsError, type Timer } from '../spec/index.ts';
import { backOff } from '../toolkit/back-off.ts';
import { nextTurn } from '../toolkit/next-turn.ts';
import { claimedJobs, putBackClaimed } from './claimed-jobs.ts';
import { deliverOrFail } from './deliver-or-fail.ts';
import { failStranded } from './fail-stranded.ts';
import { createHeldJobs, type HeldJob } from './held-jobs.ts';
import { inGrace } from './in-grace.ts';
import { createLane, type Lane } from './lane.ts';
import { reportSettled } from './report-settled.ts';
import { revokeJobs } from './revoke-jobs.ts';
import { createSettler } from './settler.ts';
import { createWakeTimer, longestTimer } from './wake-timer.ts';

/** Claims what is due, runs calls in lanes and settles them: one a process. */
export interface Worker extends Held {
  /** Begins to look for due messages. */
  start(): void;
  /** Claims no more; resolves when running calls have ended or, after the grace, were aborted and settled. Never much later. */
  stop(graceMs: number): Promise<void>;
  /** Room for this many messages in each lane, or each of those named, reserved; none unless started. */
  reserve(count: number, lanes?: ReadonlySet<string>): Map<string, number>;
  release(room: ReadonlyMap<string, number>): void;
  /** Calls jobs whose room was reserved. */
  run(jobs: readonly Job[]): void;
  /** Rows may be due in these lanes. */
  wake(lanes: Iterable<string>): void;
  /** Resolves when nothing is due and no call runs; rejects when three claims in a row fail. Claims at least once. */
  idle(): Promise<void>;
  /** Works off what is due until nothing is or `budgetMs` have passed; needs no `start`. Rejects as `idle` does. */
  drain(budgetMs: number | undefined): Promise<{ readonly handled: number; readonly empty: boolean }>;
  /** Whether this adapter's provider asked for a pause that is not over. */
  paused(adapter: string): boolean;
}

const mostAtOnce = 500;
const claimsTried = 3;

/** `adapters`: one lane for each. `scopeOf`: tenant and mode of a scope this process may not have met yet. */
export function createWorker(
  context: Context,
  adapters: Iterable<ChannelAdapter>,
  scopeOf: (scope: number) => Promise<{ readonly tenant: string; readonly mode: Mode }>,
): Worker {
  const { store, clock, settings } = context;
  const stopping = new AbortController();
  const processId = Buffer.from(context.random.bytes(16)).toString('hex');
  let live = 1;
  let active = false;
  let stopped = false;
  let drains = 0;
  let waiters = 0;
  let claimFailures = 0;
  let claimError: unknown;
  let claiming: Promise<void> | undefined;
  let missed = false;
  let notBefore = 0;
  let nextSweep = 0;
  let nextBeat = 0;
  let open = 0;
  let handled = 0;
  let keepAlive: Timer | undefined;
  let changes: (() => void)[] = [];

  const lanes = new Map<string, Lane>();
  for (const adapter of adapters) {
    lanes.set(adapter.name, createLane(adapter, clock, { freed, begun, share: () => live }));
  }
  const limited = [...lanes.values()].some((lane) => lane.adapter.lane?.rate !== undefined);
  const jobs = createHeldJobs(clock);
  const timer = createWakeTimer(clock, poll, working);
  const settler = createSettler(context, stopping.signal, (error) => failed('settle', error));

  function freed(lane: Lane): void {
    if (lane.waiting) claimSoon();
    changed();
  }

  function begun(lane: Lane): void {
    const wait = lane.waiting ? lane.waitMs() : undefined;
    if (wait !== undefined) timer.by(wait);
  }

  function working(): boolean {
    return !stopped && (active || drains > 0);
  }

  function changed(): void {
    const waiting = changes;
    changes = [];
    for (const tell of waiting) tell();
  }

  function claimSoon(): void {
    if (!working() || clock.monotonic() < notBefore) return;
    if (claiming) {
      missed = true;
      return;
    }
    missed = false;
    claiming = claim()
      .then(() => {
        claimFailures = 0;
      })
      .catch((error) => {
        claimFailures += 1;
        claimError = error;
        // A store that is away is asked again at the next poll, not in a loop.
        const wait = waiters > 0 ? Math.min(settings.pollMs, backOff(claimFailures)) : settings.pollMs;
        notBefore = clock.monotonic() + wait;
        timer.set(wait);
        failed('claim', error);
      })
      .finally(() => {
        claiming = undefined;
        // Who woke us while the claim ended was not heard by it.
        if (missed) claimSoon();
        changed();
      });
  }

  async function claim(): Promise<void> {
    // Whoever frees slots in this turn of the loop shares the claim.
    await nextTurn();
    let again = true;
    while (again && working()) {
      again = false;
      await beat();
      const wanted = [...lanes.values()].filter((lane) => lane.waiting);
      const room = wanted.map((lane) => ({ lane, limit: lane.reserve(mostAtOnce) })).filter(({ limit }) => limit > 0);
      const sweep = clock.monotonic() >= nextSweep;
      if (room.length === 0 && !sweep) {
        scheduleBy(undefined, wanted);
        return;
      }
      // Who wakes a lane from here on is heard after this claim.
      for (const { lane } of room) lane.look = false;
      const begunAt = clock.monotonic();
      let got: Claim;
      try {
        got = await context.telemetry.span('tidings.store.claim', { lanes: room.length }, () =>
          store.claim({
            lanes: room.map(({ lane, limit }) => ({ lane: lane.name, limit })),
            leaseMs: settings.leaseMs,
            ...(sweep
              ? { stranded: { known: [...lanes.keys()], strandedMs: settings.strandedMs, limit: mostAtOnce } }
              : {}),
          }),
        );
      } catch (error) {
        for (const { lane, limit } of room) {
          lane.release(limit);
          lane.look = true;
        }
        throw error;
      }
      if (sweep) nextSweep = begunAt + settings.sweepMs;
      again = await take(got, room, begunAt);
      if (!again) scheduleBy(got, wanted);
    }
  }

  /** Hands out what was claimed, unless the engine stops; true when there is room for more of what is due. */
  async function take(got: Claim, room: readonly { lane: Lane; limit: number }[], begunAt: number): Promise<boolean> {
    let jobs: readonly Job[];
    try {
      jobs = await claimedJobs(got, begunAt + settings.leaseMs, scopeOf, context);
    } catch (error) {
      await giveBack(got, room);
      throw error;
    }
    if (stopped) {
      await giveBack(got, room);
      return false;
    }
    const taken = new Map<string, number>();
    const strange: Job[] = [];
    const known: Job[] = [];
    for (const job of jobs) {
      const { lane } = job.message;
      if (!lanes.has(lane)) strange.push(job);
      else {
        taken.set(lane, (taken.get(lane) ?? 0) + 1);
        known.push(job);
      }
    }
    for (const { lane, limit } of room) {
      const count = taken.get(lane.name) ?? 0;
      lane.release(limit - count);
      // Room that was all used up says that more may be due, unless nothing is.
      lane.backlog = count === limit && got.nextDueIn === 0;
    }
    for (const { lane, pauseIn } of got.paused) {
      const paused = lanes.get(lane);
      if (!paused) continue;
      paused.pause(pauseIn);
      paused.look = true;
    }
    run(known);
    if (strange.length > 0) {
      await failStranded(strange, context, async (settlement) => {
        const settled = await settler.once(settlement);
        if (!settled.stale) reportSettled(settlement, settled, context);
      }).catch((error) => failed('settle', error));
    }
    return hasRoomForMore();
  }

  async function giveBack(got: Claim, room: readonly { lane: Lane; limit: number }[]): Promise<void> {
    // Leases that cannot be given back lapse by themselves; the room must not be lost with them.
    await putBackClaimed(got.messages, settler).catch((error) => failed('put back', error));
    for (const { lane, limit } of room) {
      lane.release(limit);
      lane.look = true;
    }
  }

  function hasRoomForMore(): boolean {
    return [...lanes.values()].some((lane) => lane.waiting && lane.ready);
  }

  async function beat(): Promise<void> {
    if (!limited || clock.monotonic() < nextBeat) return;
    nextBeat = clock.monotonic() + settings.sweepMs;
    try {
      live = await store.beat(processId, settings.sweepMs * 3);
    } catch (error) {
      failed('beat', error);
    }
  }

  function scheduleBy(got: Claim | undefined, wanted: readonly Lane[]): void {
    const waits = wanted.map((lane) => lane.waitMs()).filter((ms) => ms !== undefined);
    // What is due and was not taken waits for a slot, which wakes us by itself.
    if (got?.nextDueIn !== null && got?.nextDueIn !== undefined && got.nextDueIn > 0) waits.push(got.nextDueIn);
    timer.by(Math.min(settings.pollMs, ...waits));
  }

  function poll(): void {
    for (const lane of lanes.values()) lane.look = true;
    notBefore = 0;
    if (claiming) timer.by(settings.pollMs);
    claimSoon();
  }

  function run(leased: readonly Job[]): void {
    for (const job of leased) {
      const lane = lanes.get(job.message.lane);
      if (!lane) throw new TidingsError('INTERNAL', `A job came for the unknown lane "${job.message.lane}".`);
      opened();
      const held = jobs.add(job);
      lane.run(job.message.priority, (begin) => attempt(held, lane, begin).finally(closed));
    }
  }

  async function attempt(held: HeldJob, lane: Lane, begin: () => void): Promise<void> {
    try {
      const done = await deliverOrFail(held.job, {
        context,
        lane,
        held,
        jobs,
        stopping: stopping.signal,
        begin,
        settle: settler.settle,
      });
      if (!done) return;
      handled += 1;
      const { settlement, settled } = done;
      if (settled.stale) return;
      if (settlement.pauseMs !== null) lane.pause(settlement.pauseMs);
      if (settlement.update.dueIn === 0) lane.look = true;
      if (settlement.update.dueIn !== null) timer.by(settlement.update.dueIn);
      reportSettled(settlement, settled, context);
    } catch (error) {
      failed('settle', error);
    } finally {
      jobs.end(held);
    }
  }

  function opened(): void {
    open += 1;
    keepAlive ??= clock.after(longestTimer, () => {}, { hold: true });
  }

  function closed(): void {
    open -= 1;
    if (open > 0) return;
    keepAlive?.cancel();
    keepAlive = undefined;
    changed();
  }

  function failed(during: string, error: unknown): void {
    const known = TidingsError.is(error)
      ? error
      : new TidingsError('INTERNAL', `Delivery failed while it tried to ${during}.`, { cause: error });
    context.log.error({ during, code: known.code, err: error }, known.message);
    context.report({ name: 'error', scope: undefined, fields: { error: known, during } });
  }

  /** Whether rows may be due in a lane that could take them now or as its rate allows. */
  function waiting(): boolean {
    return [...lanes.values()].some((lane) => lane.waiting && !lane.paused);
  }

  function change(): Promise<void> {
    return new Promise((resolve) => changes.push(resolve));
  }

  async function ended(): Promise<void> {
    await claiming;
    while (open > 0) await change();
    await settler.idle();
  }

  async function quiet(isOver: () => boolean): Promise<void> {
    let before = claimFailures;
    waiters += 1;
    const keep = clock.after(longestTimer, () => {}, { hold: true });
    try {
      poll();
      while (!isOver() && (claiming || open > 0 || waiting())) {
        before = Math.min(before, claimFailures);
        if (claimFailures - before >= claimsTried) throw claimError;
        if (!claiming && hasRoomForMore()) claimSoon();
        await change();
      }
    } finally {
      waiters -= 1;
      keep.cancel();
    }
  }

  return {
    start() {
      if (active || stopped) return;
      active = true;
      poll();
    },
    async stop(graceMs) {
      stopped = true;
      active = false;
      timer.cancel();
      changed();
      await inGrace(ended(), { clock, graceMs, abort: () => stopping.abort() });
      keepAlive?.cancel();
      settler.sayUnwritten();
    },
    reserve(count, named) {
      const room = new Map<string, number>();
      if (!active) return room;
      for (const lane of lanes.values()) {
        const got = lane.waiting || named?.has(lane.name) === false ? 0 : lane.reserve(count);
        if (got > 0) room.set(lane.name, got);
      }
      return room;
    },
    release(room) {
      for (const [name, count] of room) lanes.get(name)?.release(count);
      // A claim that met these starts while they were reserved went away empty-handed.
      if (hasRoomForMore()) claimSoon();
    },
    run,
    revoke: (messages) =>
      revokeJobs(messages, jobs, (settlement) => {
        settler.settle(settlement).catch((error) => failed('put back', error));
      }),
    wake(names) {
      for (const name of names) {
        const lane = lanes.get(name);
        if (!lane) continue;
        lane.backlog = true;
        lane.look = true;
      }
      claimSoon();
    },
    async idle() {
      if (!active) return;
      await quiet(() => stopped);
    },
    async drain(budgetMs) {
      const before = handled;
      let late = false;
      const end =
        budgetMs === undefined
          ? undefined
          : clock.after(budgetMs, () => {
              late = true;
              changed();
            });
      drains += 1;
      try {
        await quiet(() => late || stopped);
      } finally {
        drains -= 1;
        end?.cancel();
        if (!working()) {
          timer.cancel();
          await ended();
        }
      }
      const held = [...lanes.values()].some((lane) => lane.waiting && lane.paused);
      return { handled: handled - before, empty: !late && !stopped && !held };
    },
    paused: (adapter) => lanes.get(adapter)?.paused ?? false,
  };
}
