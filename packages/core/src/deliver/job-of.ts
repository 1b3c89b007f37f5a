import type { Job } from '../plan/job.ts';
import type { ClaimedMessage, Scope } from '../spec/index.ts';

/** A claimed message as a job. `now` is the store's, `leaseEnds` this process's monotonic time. */
export function jobOf(claimed: ClaimedMessage, scope: Scope, now: number, leaseEnds: number): Job {
  const { message, notification, siblings, contact, content, lapsed } = claimed;
  return {
    scope,
    message,
    run: notification,
    contact,
    timeline: message.timeline,
    siblings,
    content,
    lapsed,
    suppressed: null,
    createdAt: message.createdAt,
    leasedAt: now,
    leaseEnds,
  };
}
