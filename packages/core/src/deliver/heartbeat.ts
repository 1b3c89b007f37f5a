import type { Context } from '../plan/context.ts';
import type { Renewal, Timer } from '../spec/index.ts';
import { backOff } from '../toolkit/back-off.ts';
import type { HeldJob, HeldJobs } from './held-jobs.ts';

/** Renews the leases of what this process holds for long, and drops what it has lost. */
export interface Heartbeat {
  /** Something is held. */
  watch(): void;
  /** Nothing is held any more. */
  rest(): void;
}

const mostAtOnce = 500;

/**
 * Asks for each lease `heartbeatMs` after it was last asked for, and with it for all others that are half as old. A store
 * that is away is asked again soon: only what it confirms moves a lease.
 */
export function createHeartbeat(context: Context, jobs: HeldJobs, failed: (error: unknown) => void): Heartbeat {
  const { store, clock, settings } = context;
  const { leaseMs, heartbeatMs } = settings;
  let timer: Timer | undefined;
  let renewing = false;
  let failures = 0;
  let resting = false;

  function watch(): void {
    resting = false;
    schedule();
  }

  function schedule(): void {
    if (timer !== undefined || renewing) return;
    const [oldest] = jobs.all();
    if (!oldest) return;
    const wait =
      failures > 0 ? Math.min(heartbeatMs, backOff(failures)) : oldest.checkedAt + heartbeatMs - clock.monotonic();
    timer = clock.after(Math.max(1, wait), beat, { hold: false });
  }

  async function beat(): Promise<void> {
    timer = undefined;
    renewing = true;
    try {
      const now = clock.monotonic();
      const old = [...jobs.all()].filter((held) => now - held.checkedAt >= heartbeatMs / 2);
      const due = old.some((held) => now - held.checkedAt >= heartbeatMs) ? old : [];
      for (let from = 0; from < due.length; from += mostAtOnce) await renew(due.slice(from, from + mostAtOnce));
      failures = 0;
    } catch (error) {
      failures += 1;
      if (failures === 1) failed(error);
    } finally {
      renewing = false;
      if (!resting) schedule();
    }
  }

  async function renew(some: readonly HeldJob[]): Promise<void> {
    const asked = some.map((held) => ({ held, writing: held.writing, lease: leaseOf(held) }));
    const before = clock.monotonic();
    const { lost, skipped } = await context.telemetry.span('tidings.store.renew', { leases: some.length }, () =>
      store.renew(
        asked.map(({ lease }) => lease),
        leaseMs,
      ),
    );
    const gone = keysOf(lost);
    const unclear = keysOf(skipped);
    for (const { held, writing, lease } of asked) {
      const key = keyOf(lease);
      const renewed = !gone.has(key) && !unclear.has(key);
      jobs.checked(held, before, renewed ? before + leaseMs : undefined);
      // A write of our own raises the epoch as well.
      if (gone.has(key) && !writing && !held.writing && held.epoch === lease.epoch) jobs.lose(held);
    }
  }

  return {
    watch,
    rest() {
      resting = true;
      timer?.cancel();
      timer = undefined;
    },
  };
}

function leaseOf({ job, epoch }: HeldJob): Renewal['lost'][number] {
  return { scope: job.message.scope, id: job.message.id, epoch };
}

function keysOf(leases: Renewal['lost']): ReadonlySet<string> {
  return new Set(leases.map(keyOf));
}

function keyOf({ scope, id, epoch }: Renewal['lost'][number]): string {
  return `${scope}/${id}/${epoch}`;
}
