import { moveMessage } from '../lifecycle/transition.ts';
import type { Context } from '../plan/context.ts';
import type { Job } from '../plan/job.ts';
import { sendSettings } from '../plan/kept-options.ts';
import { contactFrom } from '../rules/contact-data.ts';
import { chooseSender, senderNeed, wantedSender } from '../rules/sender.ts';
import { type Sender, TidingsError, type TimelineEntry } from '../spec/index.ts';
import { callAdapter } from './call-adapter.ts';
import { inTime } from './in-time.ts';
import { judgeAttempt } from './judge-attempt.ts';
import type { Lane } from './lane.ts';
import { renderContent } from './render-content.ts';
import { failure, putBack, type SettledMessage, type Settlement, settlementOf, withhold } from './settlement.ts';
import { snapshotOf } from './snapshot-of.ts';
import { forget, lapsedAttempt, release } from './take-over.ts';

/** What a delivery works with besides the context. */
export interface Delivery {
  readonly context: Context;
  readonly lane: Lane;
  /** Aborted when running calls must end. */
  readonly stopping: AbortSignal;
  /** Called when the provider is: a limited rate counts from here. */
  begin(): void;
  settle(settlement: Settlement): Promise<SettledMessage>;
}

/**
 * One attempt: check → render → call → settle. Never throws for a fault of the message, its template or its adapter:
 * those end the message. Undefined when the job was put down unsettled: someone else has it, or the process must end.
 */
export async function deliver(
  job: Job,
  on: Delivery,
): Promise<{ settlement: Settlement; settled: SettledMessage } | undefined> {
  const { context, lane } = on;
  const event = context.plan.events.get(job.message.event);
  const step = event?.steps.find((candidate) => candidate.id === job.message.step);
  if (job.message.address === null) return settled(forget(job), on);
  const known = event !== undefined && step !== undefined;
  const earlier = lapsedAttempt(job, lane.adapter.attempts ?? context.settings.attempts, known, context);
  if (earlier.over) return settled(earlier.over, on);
  const { current } = earlier;
  if (!known) return settled(release(current, earlier.timeline, context), on);
  if (current.message.expiresAt !== null && current.message.expiresAt <= job.leasedAt) {
    return settled(
      failure(current, new TidingsError('EXPIRED', 'It was no longer of use when its turn came.'), earlier.timeline),
      on,
    );
  }
  if (current.suppressed !== null) return settled(withhold(current, current.suppressed, earlier.timeline), on);
  const settings = sendSettings(job);
  const chosen = senderOf(job, wantedSender(job.message.channel, settings.from, event.senders), on);
  if ('problem' in chosen) {
    const error = new TidingsError(
      'UNVERIFIED_SENDER',
      `Event "${event.name}", ${job.message.channel}: ${chosen.problem}.`,
    );
    return settled(failure(current, error, earlier.timeline), on);
  }
  // A redacted snapshot is for readers; only a whole one can be sent again.
  const earlierContent = event.snapshot === 'keep' ? job.content : null;
  const deadlineMs = lane.adapter.deadlineMs ?? context.settings.deadlineMs;
  let content: Record<string, unknown>;
  let kept: string | null;
  try {
    content =
      earlierContent === null
        ? await inTime(renderContent(job, event, step, settings, chosen.sender, context), deadlineMs, on)
        : (JSON.parse(earlierContent) as Record<string, unknown>);
    kept = job.content === null ? snapshotOf(event.snapshot, content) : null;
  } catch (error) {
    if (on.stopping.aborted) return undefined;
    return settled(failure(current, readable(error), earlier.timeline), on);
  }
  if (context.clock.monotonic() + deadlineMs > job.leaseEnds) return settled(putBack(current, earlier.timeline), on);
  const hold = context.settings.unknown.get(job.message.channel) === 'hold';
  // A lost attempt is written before the next begins: a message that ends every process that takes it must run out of them.
  const { timeline: lost } = earlier;
  const calling = hold || lost.length > 0 ? await goOn(current, { calling: hold, content: kept, lost }, on) : current;
  if (!calling) return undefined;
  // The commit took what was left of the lease: nobody was called, which only we know.
  if (context.clock.monotonic() + deadlineMs > calling.leaseEnds) return settled(putBack(calling, []), on);
  on.begin();

  const attempt = calling.message.attempts + 1;
  const outcome = await context.telemetry.span('tidings.adapter.send', { adapter: lane.name, attempt }, () =>
    callAdapter(
      lane.adapter,
      {
        id: job.message.id,
        event: event.name,
        channel: job.message.channel,
        to: job.message.address ?? '',
        content,
        overrides: settings.overrides,
        scope: job.scope,
        language: job.message.language ?? context.plan.language,
        category: event.category,
        ...(chosen.sender === undefined ? {} : { from: chosen.sender }),
        ...nameOf(job),
      },
      { attempt, key: job.message.id, tag: `${job.message.id}.${attempt}` },
      { clock: context.clock, deadlineMs, stopping: on.stopping },
    ),
  );
  return settled(judgeAttempt(calling, outcome, calling === current ? kept : null, [], lane.adapter, context), on);
}

async function settled(
  settlement: Settlement,
  on: Delivery,
): Promise<{ settlement: Settlement; settled: SettledMessage }> {
  return { settlement, settled: await on.settle(settlement) };
}

/**
 * Commits what must be known before the call: that it is about to begin, the attempts lost before. The lease goes on;
 * undefined when the message is no longer ours.
 */
async function goOn(
  job: Job,
  known: { readonly calling: boolean; readonly content: string | null; readonly lost: readonly TimelineEntry[] },
  on: Delivery,
): Promise<Job | undefined> {
  const { leaseMs } = on.context.settings;
  const leaseEnds = on.context.clock.monotonic() + leaseMs;
  const { calling, content, lost } = known;
  const update = moveMessage(job.message, 'queued', { calling, leaseIn: leaseMs, timeline: lost });
  const { stale } = await on.settle({ ...settlementOf(job, update), content });
  if (stale) return undefined;
  return { ...job, leaseEnds, message: { ...job.message, epoch: job.message.epoch + 1 } };
}

function senderOf(
  job: Job,
  wanted: Sender | undefined,
  on: Delivery,
): { sender: Sender | undefined } | { problem: string } {
  const { plan } = on.context;
  const channel = plan.channels.get(job.message.channel);
  const adapterDefault = plan.adapters.live.get(job.message.channel)?.[0]?.defaultSender;
  return chooseSender({
    channel: job.message.channel,
    need: senderNeed(channel, job.scope.mode),
    // Verified when it was accepted; a list that changed since does not take that back.
    wanted,
    listed: plan.senders,
    adapterDefault,
    confirmed: wanted ? [wanted] : [],
  });
}

function readable(error: unknown): TidingsError {
  if (TidingsError.is(error)) return error;
  const why = error instanceof Error ? error.message : String(error);
  return new TidingsError('TEMPLATE_FAILED', `The message could not be rendered: ${why}`, { cause: error });
}

function nameOf(job: Job): { toName?: string } {
  if (!job.contact) return {};
  const { name } = contactFrom(job.contact);
  return name === undefined ? {} : { toName: name };
}
