import type { Context } from '../plan/context.ts';
import type { Job } from '../plan/job.ts';
import { TidingsError, type Timer } from '../spec/index.ts';
import { stopped } from './call-adapter.ts';
import { deliverOrFail } from './deliver-or-fail.ts';
import { createHeartbeat } from './heartbeat.ts';
import { createHeldJobs, type HeldJob, type HeldJobs, type LeasedJob } from './held-jobs.ts';
import type { Lane, Start } from './lane.ts';
import type { Lanes } from './lanes.ts';
import { reportSettled } from './report-settled.ts';
import type { Settlement } from './settlement.ts';
import type { Settler } from './settler.ts';
import { longestTimer } from './wake-timer.ts';

/** Calls leased jobs in lanes and settles what they come to. */
export interface Runner {
  /** What is held from the lease to the settlement. */
  readonly jobs: HeldJobs;
  /** Jobs that are not settled yet. */
  readonly open: number;
  /** Jobs done so far. */
  readonly handled: number;
  /** Keeps the lease of what was claimed until it is run or dropped; from here on it can be taken back. */
  hold(job: LeasedJob): HeldJob;
  /** Holds what was claimed no more. */
  drop(held: HeldJob): void;
  /** Calls a job in a slot of this lane that was reserved for it. Default: held from now on, and begun at once. */
  run(
    job: Job,
    lane: Lane,
    how: { readonly held?: HeldJob | undefined; readonly begin?: Promise<void> | undefined },
  ): void;
  /** Keeps the process no longer, whatever is still open. */
  rest(): void;
}

/** What the runner works with, and whom it tells. */
export interface RunnerHooks {
  readonly lanes: Lanes;
  readonly settler: Settler;
  /** Aborted when running calls must end. */
  readonly stopping: AbortSignal;
  /** Rows of this lane are due in so many ms. */
  due(lane: Lane | undefined, ms: number): void;
  /** The last open job ended. */
  rested(): void;
  failed(during: string, error: unknown): void;
}

/** A process with open jobs does not end by itself. */
export function createRunner(context: Context, on: RunnerHooks): Runner {
  const { clock, settings } = context;
  const { lanes, settler, stopping, failed } = on;
  const jobs = createHeldJobs(clock, settings.leaseMs);
  const heartbeat = createHeartbeat(context, jobs, (error) => failed('renew', error));
  // One for all calls: a listener for each would cost more than the call's own timer.
  stopping.addEventListener('abort', () => {
    for (const held of jobs.all()) held.abort?.(stopped);
  });
  let open = 0;
  let handled = 0;
  let keepAlive: Timer | undefined;

  async function attempt(job: Job, held: HeldJob, lane: Lane, start: Start, begin?: Promise<void>): Promise<void> {
    try {
      if (begin) await begin;
      // Whoever took it back has ended it, or gives it back.
      if (held.revoked || held.lost) return;
      const done = await deliverOrFail(job, {
        context,
        lane,
        beside: lanes.beside(lane),
        held,
        jobs,
        stopping,
        start,
        settle: (settlement) => write(held, settlement),
      });
      if (!done) return;
      handled += 1;
      const { settlement, settled } = done;
      if (settled.stale) return;
      const { dueIn, lane: next } = settlement.update;
      if (dueIn !== null) on.due(lanes.get(next), dueIn);
      reportSettled(settlement, settled, context);
    } catch (error) {
      failed('settle', error);
    } finally {
      jobs.end(held);
    }
  }

  async function write(held: HeldJob, settlement: Settlement): ReturnType<Settler['settle']> {
    held.writing = true;
    const begun = clock.monotonic();
    try {
      const settled = await settler.settle(settlement);
      if (settlement.update.leaseIn !== null && !settled.stale && !settled.instead) {
        held.epoch += 1;
        jobs.checked(held, begun, begun + settings.leaseMs);
      }
      return settled;
    } finally {
      held.writing = false;
    }
  }

  function hold(job: LeasedJob): HeldJob {
    const held = jobs.add(job);
    heartbeat.watch();
    return held;
  }

  function closed(): void {
    open -= 1;
    if (open > 0) return;
    letEnd();
    // What is claimed and not run yet keeps its lease.
    const [held] = jobs.all();
    if (!held) heartbeat.rest();
    on.rested();
  }

  /** The process may end by itself. */
  function letEnd(): void {
    keepAlive?.cancel();
    keepAlive = undefined;
  }

  function rest(): void {
    heartbeat.rest();
    letEnd();
  }

  return {
    jobs,
    rest,
    hold,
    drop: jobs.end,
    get open() {
      return open;
    },
    get handled() {
      return handled;
    },
    run(job, lane, { held = hold(job), begin }) {
      open += 1;
      keepAlive ??= clock.after(longestTimer, () => {}, { hold: true });
      heartbeat.watch();
      lane.run(job.message.priority, (start) => attempt(job, held, lane, start, begin).finally(closed));
    },
  };
}

/** The lane a job was accepted for. */
export function laneOf(job: Job, lanes: Lanes): Lane {
  const lane = lanes.get(job.message.lane);
  if (!lane) throw new TidingsError('INTERNAL', `A job came for the unknown lane "${job.message.lane}".`);
  return lane;
}
