import { moveMessage } from '../lifecycle/transition.ts';
import type { Context } from '../plan/context.ts';
import type { Job } from '../plan/job.ts';
import { judgeOutcome } from '../rules/judge-outcome.ts';
import type { ChannelAdapter, Outcome, TimelineEntry } from '../spec/index.ts';
import { type Settlement, settlementOf } from './settlement.ts';

/** What an outcome makes of the message: its status, the next attempt, the timeline, and what it says about address and lane. */
export function judgeAttempt(
  job: Job,
  outcome: Outcome,
  content: string | null,
  before: TimelineEntry[],
  adapter: ChannelAdapter,
  context: Context,
): Settlement {
  const { message } = job;
  const attempt = message.attempts + 1;
  const verdict = judgeOutcome(outcome, {
    attempt,
    attempts: adapter.attempts ?? context.settings.attempts,
    unknown: context.settings.unknown.get(message.channel) ?? 'retry',
    schedule: context.settings.retry,
    fraction: context.random.fraction(),
  });
  const providerId = outcome.outcome === 'accepted' ? (outcome.providerId ?? null) : message.providerId;
  const entry: TimelineEntry = {
    event: 'attempt',
    attempt,
    adapter: adapter.name,
    outcome: outcome.outcome,
    ...(outcome.code === undefined ? {} : { code: outcome.code }),
    ...(outcome.outcome === 'accepted' ? {} : { reason: outcome.reason }),
    ...(outcome.outcome === 'accepted' && outcome.providerId !== undefined ? { providerId: outcome.providerId } : {}),
    ...(verdict.retryIn === null ? {} : { delayMs: verdict.retryIn }),
    ...(outcome.refusedCopies === undefined ? {} : { refusedCopies: outcome.refusedCopies }),
  };
  const after: TimelineEntry[] = verdict.status === 'queued' ? [{ event: 'retry' }] : [{ event: verdict.status }];
  const update = moveMessage(message, verdict.status, {
    attempts: attempt,
    dueIn: verdict.retryIn,
    provider: adapter.name,
    providerId,
    errorCode: verdict.errorCode,
    error: verdict.error,
    reached: verdict.status === 'sent' ? ['sent'] : [],
    timeline: [...before, entry, ...after],
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
          source: adapter.name,
          note: null,
        }
      : null;
  return { ...settlementOf(job, update), content, suppress, pauseMs: outcome.lane?.pauseMs ?? null };
}
