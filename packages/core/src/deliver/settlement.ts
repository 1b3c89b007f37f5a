import { moveMessage } from '../lifecycle/transition.ts';
import type { Job } from '../plan/job.ts';
import { mayHaveArrived } from '../rules/may-have-arrived.ts';
import type {
  MessageUpdate,
  NotificationStatus,
  SuppressionReason,
  TidingsError,
  TimelineEntry,
  Writes,
} from '../spec/index.ts';
import { plainReason } from './plain-reason.ts';

/** What an attempt came to, ready to be written. */
export interface Settlement {
  readonly job: Job;
  readonly update: MessageUpdate;
  /** What was rendered, as JSON, when it is to be kept and is new. */
  readonly content: string | null;
  readonly suppress: NonNullable<NonNullable<Writes['suppressions']>['put']>[number] | null;
  /** What the provider asked for. */
  readonly pause: { readonly lane: string; readonly ms: number } | null;
}

/** What of a settlement is written; of the job, what guards it. */
export type Writable = Omit<Settlement, 'job'> & { readonly job: Pick<Job, 'message' | 'run' | 'siblings'> };

/** What was written. `stale`: someone else has the message by now, nothing was. */
export interface SettledMessage {
  readonly stale: boolean;
  /** What was written in place of the settlement's update, because its run was stopped. */
  readonly instead?: MessageUpdate;
  /** The notification's status, when this settlement ended it. */
  readonly ended: NotificationStatus | null;
}

/** A settlement that changes the message and nothing else. */
export function settlementOf<J extends Writable['job']>(
  job: J,
  update: MessageUpdate,
): Omit<Settlement, 'job'> & { readonly job: J } {
  return { job, update, content: null, suppress: null, pause: null };
}

/** The end of a message that cannot be sent, or not again: it failed, unless an earlier attempt may have sent it. */
export function failure(job: Job, error: TidingsError, before: readonly TimelineEntry[]): Settlement {
  const status = mayHaveArrived([...job.timeline, ...before]) ? 'unknown' : 'failed';
  const reason = plainReason(error.message, job.message.address);
  const entry = { event: status, code: error.code, reason };
  const change = { errorCode: error.code, error: reason, timeline: [...before, entry] };
  return settlementOf(job, moveMessage(job.message, status, change));
}

/** A message that nobody was called for: due at once, and no attempt is counted. */
export function putBack<J extends Writable['job']>(
  job: J,
  before: readonly TimelineEntry[],
): Omit<Settlement, 'job'> & { readonly job: J } {
  return settlementOf(job, moveMessage(job.message, 'queued', { dueIn: 0, timeline: before }));
}

/** The end of a message whose address was suppressed while it waited. */
export function withhold(job: Job, reason: SuppressionReason, before: readonly TimelineEntry[]): Settlement {
  const timeline = [...before, { event: 'suppressed', reason }];
  return settlementOf(job, moveMessage(job.message, 'suppressed', { reason, timeline }));
}
