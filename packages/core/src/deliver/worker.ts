import type { Context } from '../plan/context.ts';
import type { Held, LeasedRow, Revoked } from '../plan/held.ts';
import type { Job } from '../plan/job.ts';
import { type Scope, TidingsError, type WakeUp } from '../spec/index.ts';
import { nextTurn } from '../toolkit/next-turn.ts';
import { type Arrivals, createArrivals } from './arrivals.ts';
import { createClaimLoop } from './claim-loop.ts';
import type { ErasedContact } from './finish-erasures.ts';
import { inGrace } from './in-grace.ts';
import { createLanes } from './lanes.ts';
import { reportCircuit } from './report-circuit.ts';
import { revokeJobs } from './revoke-jobs.ts';
import { createRunner, laneOf } from './runner.ts';
import { putBack } from './settlement.ts';
import { createSettler } from './settler.ts';
import { longestTimer } from './wake-timer.ts';

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
  /** What leases messages outside a claim; it resolves once `run` has them. */
  leasing: Arrivals['during'];
  /** Rows may be due in these lanes. */
  wake(wakeUps: readonly Pick<WakeUp, 'lane' | 'ids'>[]): void;
  /** Resolves when nothing is due and no call runs; rejects when three claims in a row fail. Claims at least once. */
  idle(): Promise<void>;
  /** Works off what is due until nothing is or `budgetMs` have passed; needs no `start`. Rejects as `idle` does. */
  drain(budgetMs: number | undefined): Promise<{ readonly handled: number; readonly empty: boolean }>;
  /** Whether messages of this adapter are called now: `paused` at the provider's wish, `failing` until a probe succeeds. */
  condition(adapter: string): 'active' | 'paused' | 'failing';
  /** The lanes that newcomers had better not wait in: paused or failing. Room in one of them is for a call that probes. */
  troubled(): ReadonlySet<string>;
}

const claimsTried = 3;

/** `scopeOf`: tenant and mode of a scope this process may not have met yet. `erase`: finishes an erasure. */
export function createWorker(
  context: Context,
  scopeOf: (scope: number) => Promise<Scope>,
  erase: (erased: ErasedContact, held: Held) => Promise<void>,
): Worker {
  const { clock } = context;
  const stopping = new AbortController();
  let active = false;
  let stopped = false;
  let drains = 0;
  let waiters = 0;
  let changes: (() => void)[] = [];

  const lanes = createLanes(context, {
    freed(lane) {
      if (lanes.beside(lane).some((one) => one.waiting && (one === lane || lanes.serving(one) === lane))) claims.soon();
      changed();
    },
    begun(lane) {
      const wait = lane.waiting ? lane.waitMs() : undefined;
      if (wait !== undefined) claims.by(wait);
    },
    turned(lane, circuit) {
      lane.look = true;
      reportCircuit(lane, circuit, context);
    },
    share: () => claims.live,
  });
  const settler = createSettler(context, stopping.signal, (error) => failed('settle', error));
  const runner = createRunner(context, {
    lanes,
    settler,
    stopping: stopping.signal,
    due(lane, ms) {
      claims.by(ms);
      if (ms > 0 || !lane) return;
      lane.look = true;
      claims.soon();
    },
    rested: changed,
    failed,
  });
  const arrivals = createArrivals();
  const claims = createClaimLoop(context, {
    lanes,
    settler,
    runner,
    arrivals,
    working,
    stopped: () => stopped,
    hurried: () => waiters > 0,
    scopeOf,
    erase: (erased) => erase(erased, { revoke, arrived: arrivals.settled }),
    changed,
    failed,
  });

  function working(): boolean {
    return !stopped && (active || drains > 0);
  }

  function changed(): void {
    const waiting = changes;
    changes = [];
    for (const tell of waiting) tell();
  }

  function change(): Promise<void> {
    return new Promise((resolve) => changes.push(resolve));
  }

  function failed(during: string, error: unknown): void {
    const known = TidingsError.is(error)
      ? error
      : new TidingsError('INTERNAL', `Delivery failed while it tried to ${during}.`, { cause: error });
    context.log.error({ during, code: known.code, err: error }, known.message);
    context.report({ name: 'error', scope: undefined, fields: { error: known, during } });
  }

  async function quiet(isOver: () => boolean): Promise<void> {
    let before = claims.failures.count;
    waiters += 1;
    const keep = clock.after(longestTimer, () => {}, { hold: true });
    try {
      claims.poll();
      while (!isOver() && (claims.running || claims.erasing || runner.open > 0 || lanes.waiting)) {
        before = Math.min(before, claims.failures.count);
        if (claims.failures.count - before >= claimsTried) throw claims.failures.last;
        if (!claims.running && lanes.ready) claims.soon();
        await change();
      }
    } finally {
      waiters -= 1;
      keep.cancel();
    }
  }

  function revoke(messages: readonly LeasedRow[]): Revoked {
    return revokeJobs(messages, runner.jobs, (settlement) => {
      settler.settle(settlement).catch((error) => failed('put back', error));
    });
  }

  async function end(): Promise<void> {
    await claims.running;
    while (runner.open > 0 || claims.erasing) await change();
    await settler.idle();
  }

  return {
    start() {
      if (active || stopped) return;
      active = true;
      claims.poll();
    },
    async stop(graceMs) {
      stopped = true;
      active = false;
      claims.cancel();
      changed();
      await inGrace(end(), { clock, graceMs, abort: () => stopping.abort() });
      runner.rest();
      settler.sayUnwritten();
    },
    reserve(count, named) {
      const room = new Map<string, number>();
      if (!active) return room;
      for (const lane of lanes.all()) {
        const got = named?.has(lane.name) === false ? 0 : lane.reserve(Math.min(count, lane.spare));
        if (got > 0) room.set(lane.name, got);
      }
      return room;
    },
    release(room) {
      for (const [name, count] of room) lanes.get(name)?.release(count);
      // A claim that met these starts while they were reserved went away empty-handed.
      if (lanes.ready) claims.soon();
    },
    run(jobs) {
      if (stopped) {
        for (const job of jobs) settler.once(putBack(job, [])).catch((error) => failed('put back', error));
        return;
      }
      // Whoever waits for the lease, to have its send answered or to take it back, goes first.
      const begin = nextTurn();
      for (const job of jobs) runner.run(job, laneOf(job, lanes), { begin });
    },
    revoke,
    arrived: arrivals.settled,
    leasing: arrivals.during,
    wake(wakeUps) {
      for (const { lane: name, ids } of wakeUps) {
        const lane = lanes.get(name);
        if (lane) lane.backlog += ids.length;
      }
      claims.soon();
    },
    async idle() {
      if (!active) return;
      await quiet(() => stopped);
    },
    async drain(budgetMs) {
      const before = runner.handled;
      let late = false;
      const over = (): void => {
        late = true;
        changed();
      };
      const timer = budgetMs === undefined ? undefined : clock.after(budgetMs, over);
      drains += 1;
      try {
        await quiet(() => late || stopped);
      } finally {
        drains -= 1;
        timer?.cancel();
        if (!working()) {
          claims.cancel();
          await end();
        }
      }
      return { handled: runner.handled - before, empty: !late && !stopped && !lanes.stuck };
    },
    condition(adapter) {
      const lane = lanes.get(adapter);
      if (lane?.failing) return 'failing';
      return lane?.paused ? 'paused' : 'active';
    },
    troubled: () => new Set([...lanes.all()].filter((lane) => lane.paused || lane.failing).map(({ name }) => name)),
  };
}
