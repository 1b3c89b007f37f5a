import { moveMessage } from '../lifecycle/transition.ts';
import type { Context } from '../plan/context.ts';
import type { Job } from '../plan/job.ts';
import { onwardFrom, staysWith } from '../rules/failover.ts';
import { judgeOutcome, type Verdict } from '../rules/judge-outcome.ts';
import { mayHaveArrived } from '../rules/may-have-arrived.ts';
import type { Outcome, TimelineEntry } from '../spec/index.ts';
import type { Delivery } from './delivery.ts';
import type { Lane } from './lane.ts';
import { type Settlement, settlementOf } from './settlement.ts';
import { candidatesOf } from './take-turn.ts';

/**
 * What an outcome makes of the message: its status, who tries it next and when, the timeline, and what it says about address
 * and lane.
 */
export function judgeAttempt(
  job: Job,
  outcome: Outcome,
  content: string | null,
  before: readonly TimelineEntry[],
  on: Pick<Delivery, 'context' | 'lane' | 'beside'>,
  usable: (lane: Lane) => boolean,
): Settlement {
  const { message } = job;
  const { settings, random } = on.context;
  const adapter = on.lane.name;
  const attempt = message.attempts + 1;
  const now = storeNow(job, on.context);
  const afterMs = outcome.outcome === 'retry' && outcome.afterMs !== undefined ? { afterMs: outcome.afterMs } : {};
  const tried = { event: 'attempt', attempt, adapter, outcome: outcome.outcome, ...afterMs };
  const after = { message: { ...message, attempts: attempt }, timeline: [...job.timeline, { ...tried, at: now }] };
  const candidates = candidatesOf(after, on, usable);
  const verdict = judgeOutcome(outcome, {
    adapter,
    attempt: candidates.find((candidate) => candidate.adapter === adapter)?.count ?? attempt,
    attempts: attempt,
    onward: onwardFrom(candidates, { adapter, stay: staysWith(after.timeline, now) === adapter, now }),
    mayHaveArrived: mayHaveArrived(job.timeline),
    unknown: settings.unknown.get(message.channel) ?? 'retry',
    schedule: settings.retry,
    fraction: random.fraction(),
  });
  const providerId = outcome.outcome === 'accepted' ? (outcome.providerId ?? null) : message.providerId;
  const entry: TimelineEntry = {
    ...tried,
    ...(outcome.code === undefined ? {} : { code: outcome.code }),
    ...(outcome.outcome === 'accepted' ? {} : { reason: outcome.reason }),
    ...(outcome.outcome === 'accepted' && outcome.providerId !== undefined ? { providerId: outcome.providerId } : {}),
    ...(verdict.retryIn === null ? {} : { delayMs: verdict.retryIn }),
    ...(outcome.refusedCopies === undefined ? {} : { refusedCopies: outcome.refusedCopies }),
  };
  const update = moveMessage(message, verdict.status, {
    attempts: attempt,
    lane: verdict.next ?? adapter,
    dueIn: verdict.retryIn,
    provider: adapter,
    providerId,
    errorCode: verdict.errorCode,
    error: verdict.error,
    reached: verdict.status === 'sent' ? ['sent'] : [],
    timeline: [...before, entry, follows(verdict, adapter)],
  });
  const { address, addressHash } = message;
  const suppress =
    verdict.suppress !== null && addressHash !== null
      ? {
          scope: message.scope,
          hash: addressHash,
          channel: message.channel,
          reason: verdict.suppress,
          address,
          source: adapter,
          note: null,
        }
      : null;
  const pause = outcome.lane ? { lane: adapter, ms: outcome.lane.pauseMs } : null;
  return { ...settlementOf(job, update), content, suppress, pause };
}

function follows({ status, next, retryIn }: Verdict, adapter: string): TimelineEntry {
  if (status !== 'queued') return { event: status };
  if (next === adapter || next === null) return { event: 'retry' };
  return { event: retryIn === 0 ? 'failover' : 'retry', adapter: next };
}

/** The store's time, as far as this process can tell. */
function storeNow(job: Job, { clock, settings }: Context): number {
  return job.leasedAt + Math.max(0, clock.monotonic() - (job.leaseEnds - settings.leaseMs));
}
