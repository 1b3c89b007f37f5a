import type { Context } from '../plan/context.ts';
import type { Job } from '../plan/job.ts';
import { type Claim, type ClaimedMessage, type Scope, TidingsError } from '../spec/index.ts';
import { findSuppressed } from './find-suppressed.ts';
import type { LeasedJob } from './held-jobs.ts';
import { jobOf } from './job-of.ts';
import { putBack, type Writable } from './settlement.ts';
import type { Settler } from './settler.ts';

/** What was claimed, before more is read of it. */
export function leasedJob(claimed: ClaimedMessage, leaseEnds: number): LeasedJob {
  const { message, notification, siblings, lapsed } = claimed;
  return { message, run: notification, siblings, lapsed, leaseEnds };
}

/** What was claimed, as jobs. `leaseEnds`: this process's monotonic time. */
export async function claimedJobs(
  got: Claim,
  leaseEnds: number,
  scopeOf: (scope: number) => Promise<Scope>,
  context: Context,
): Promise<readonly Job[]> {
  const jobs = await Promise.all(
    got.messages.map(async (one) => {
      const scope = await scopeOf(one.message.scope).catch((error: unknown) => {
        if (!TidingsError.is(error, 'NOT_FOUND')) throw error;
        context.log.error({ message: one.message.id, err: error }, 'A message of an unknown scope is left alone.');
        return undefined;
      });
      return scope ? [jobOf(one, scope, got.now, leaseEnds)] : [];
    }),
  );
  return findSuppressed(jobs.flat(), context);
}

/** Gives rows back that nobody was called for, so that no attempt is charged. Rejects when one was not written. */
export async function putBackClaimed(jobs: readonly LeasedJob[], settler: Settler): Promise<void> {
  // A lapsed row stays leased: whoever takes it next must still see that a call may have begun.
  const rows = jobs.filter(({ lapsed }) => !lapsed);
  await Promise.all(rows.map((job) => settler.once(putBack(job, []) satisfies Writable)));
}
