import { moveMessage } from '../lifecycle/transition.ts';
import type { Context } from '../plan/context.ts';
import type { Job } from '../plan/job.ts';
import { TidingsError, type TimelineEntry } from '../spec/index.ts';
import { failure, type Settlement, settlementOf } from './settlement.ts';

/** Its recipient was erased while another held it: there is nobody to send to. */
export function forget(job: Job): Settlement {
  const entry = { event: 'cancelled', reason: 'contact erased' };
  return settlementOf(job, moveMessage(job.message, 'cancelled', { timeline: [entry] }));
}

/** A row of an event or step that this process does not know: for another version of the host, for a day. */
export function release(job: Job, before: readonly TimelineEntry[], context: Context): Settlement {
  const { message } = job;
  const why = `Event "${message.event}", step "${message.step}" is not known to this process`;
  if (job.leasedAt - job.createdAt > context.settings.strandedMs) {
    return failure(job, new TidingsError('EVENT_NOT_FOUND', `${why}, nor was it to any other for a day.`), before);
  }
  context.log.warn({ message: message.id, event: message.event, step: message.step }, `${why}; left for another.`);
  return settlementOf(job, moveMessage(message, 'queued', { dueIn: 5000, timeline: before }));
}

/**
 * A lease that lapsed counts as an attempt whose outcome is unknown; with `hold`, if the call had begun, it is the last.
 * `left`: whether another attempt may follow. `known`: whether this process has the event. If not, a call that was marked
 * as begun was meant to be the only one.
 */
export function lapsedAttempt(
  job: Job,
  left: (current: Job) => boolean,
  known: boolean,
  context: Context,
): { readonly current: Job; readonly over?: Settlement; readonly timeline: TimelineEntry[] } {
  if (!job.lapsed) return { current: job, timeline: [] };
  const marked = job.message.callingAt !== null;
  const hold = context.settings.unknown.get(job.message.channel) === 'hold' || (!known && marked);
  if (hold && !marked) return { current: job, timeline: [] };
  const { current, over, entry } = lostCall(job);
  if (!hold && left(current)) return { current, timeline: [entry] };
  return { current, over, timeline: [] };
}

/** A call that may have begun and whose holder is gone: as one more attempt, and as the end. */
export function lostCall(job: Job): {
  readonly current: Job;
  readonly entry: TimelineEntry;
  readonly over: Settlement;
} {
  const attempt = job.message.attempts + 1;
  const reason = 'The process that held this message ended before it said what came of the call.';
  const entry = { event: 'attempt', attempt, adapter: job.message.lane, outcome: 'unknown', reason };
  const message = { ...job.message, attempts: attempt };
  const current: Job = { ...job, message, timeline: [...job.timeline, entry] };
  const update = moveMessage(current.message, 'unknown', {
    errorCode: 'PROVIDER_TIMEOUT',
    error: reason,
    timeline: [entry],
  });
  return { current, entry, over: settlementOf(job, update) };
}
