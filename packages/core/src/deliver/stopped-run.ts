import { isFinal } from '../lifecycle/states.ts';
import { moveMessage } from '../lifecycle/transition.ts';
import type { Job } from '../plan/job.ts';
import type { MessageUpdate, NotificationStatus, TimelineEntry } from '../spec/index.ts';
import { type Settlement, settlementOf, type Writable } from './settlement.ts';
import { lostCall } from './take-over.ts';

const stopped: TimelineEntry = { event: 'cancelled', reason: 'notification stopped' };

/** The end of a claimed message whose run was stopped while somebody else held it; undefined while its run goes on. */
export function endOfStopped(
  job: Job,
  earlier: { readonly timeline: readonly TimelineEntry[] },
): Settlement | undefined {
  if (!isFinal(job.run.status)) return undefined;
  // Its holder is gone and may have called: that stays unknown, and is not tried again.
  if (earlier.timeline.length > 0) return lostCall(job).over;
  return settlementOf(job, moveMessage(job.message, 'cancelled', { timeline: [stopped] }));
}

/**
 * What is written instead of another attempt when the run was stopped meanwhile. A call whose outcome is unknown may have
 * arrived, so its message ends as `unknown`, which late feedback may still resolve.
 */
export function insteadOfRetry({ job, update }: Writable, run: NotificationStatus): MessageUpdate | undefined {
  if (!isFinal(run) || update.status !== 'queued' || update.calling) return undefined;
  const attempt = update.timeline.findLast(({ event }) => event === 'attempt');
  const timeline = update.timeline
    .filter(({ event }) => event !== 'retry' && event !== 'failover')
    .map(({ delayMs: _, ...entry }): TimelineEntry => entry as TimelineEntry);
  const { attempts, provider, providerId, errorCode, error } = update;
  const made = { attempts, provider, providerId };
  if (attempt?.outcome === 'unknown') {
    return moveMessage(job.message, 'unknown', {
      ...made,
      errorCode,
      error,
      timeline: [...timeline, { event: 'unknown' }],
    });
  }
  return moveMessage(job.message, 'cancelled', { ...made, timeline: [...timeline, stopped] });
}
