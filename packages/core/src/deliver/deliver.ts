import { moveMessage } from '../lifecycle/transition.ts';
import type { Job } from '../plan/job.ts';
import { sendSettings } from '../plan/kept-options.ts';
import { contactFrom } from '../rules/contact-data.ts';
import { TidingsError, type TimelineEntry } from '../spec/index.ts';
import { wordsOf } from '../toolkit/words-of.ts';
import { callAdapter } from './call-adapter.ts';
import type { Delivery } from './delivery.ts';
import { inTime } from './in-time.ts';
import { judgeAttempt } from './judge-attempt.ts';
import { renderContent } from './render-content.ts';
import { failure, putBack, type SettledMessage, type Settlement, settlementOf, withhold } from './settlement.ts';
import { snapshotOf } from './snapshot-of.ts';
import { endOfStopped } from './stopped-run.ts';
import { forget, lapsedAttempt, release } from './take-over.ts';
import { candidatesOf, canSend, takeTurn } from './take-turn.ts';

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
  const left = (current: Job): boolean => candidatesOf(current, on).some(({ count, attempts }) => count < attempts);
  const earlier = lapsedAttempt(job, left, known, context);
  if (earlier.over) return settled(earlier.over, on);
  const stopped = endOfStopped(job, earlier);
  if (stopped) return settled(stopped, on);
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
  const turn = takeTurn(current, event, settings.from, earlier.timeline, on);
  if ('instead' in turn) return settled(turn.instead, on);
  // A redacted snapshot is for readers; only a whole one can be sent again.
  const earlierContent = event.snapshot === 'keep' ? job.content : null;
  const deadlineMs = lane.adapter.deadlineMs ?? context.settings.deadlineMs;
  let content: Record<string, unknown>;
  let kept: string | null;
  try {
    const rendered =
      earlierContent === null
        ? renderContent(job, event, step, settings, turn.sender, context)
        : (JSON.parse(earlierContent) as Record<string, unknown>);
    content = rendered instanceof Promise ? await inTime(rendered, deadlineMs, on) : rendered;
    kept = job.content === null ? snapshotOf(event.snapshot, content) : null;
  } catch (error) {
    if (on.stopping.aborted) return settled(putBack(current, earlier.timeline), on);
    return settled(failure(current, readable(error), earlier.timeline), on);
  }
  if (on.stopping.aborted || context.clock.monotonic() + deadlineMs > on.held.leaseEnds) {
    return settled(putBack(current, earlier.timeline), on);
  }
  const hold = context.settings.unknown.get(job.message.channel) === 'hold';
  // A lost attempt is written before the next begins: a message that ends every process that takes it must run out of them.
  const { timeline: lost } = earlier;
  const marked = hold || lost.length > 0 ? await goOn(current, { calling: hold, content: kept, lost }, on) : current;
  if (!marked || 'settled' in marked) return marked;
  const calling = marked;
  if (on.stopping.aborted || !on.jobs.begin(on.held, deadlineMs) || !on.start.begin()) {
    // Nobody was called, which only we know.
    return on.held.revoked ? undefined : settled(putBack(calling, []), on);
  }

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
        // Copies: what an adapter does to its arguments must not reach the next message.
        scope: { ...job.scope },
        language: job.message.language ?? context.plan.language,
        category: event.category,
        ...(turn.sender === undefined ? {} : { from: turn.sender }),
        ...nameOf(job),
      },
      { attempt, key: job.message.id, tag: `${job.message.id}.${attempt}` },
      { clock: context.clock, deadlineMs, stopping: on.stopping, held: on.held },
    ),
  );
  // What we ended ourselves says nothing of the provider.
  if (!on.stopping.aborted && !on.held.lost) on.start.answered(outcome);
  // At once: until it is written, others would run into what the provider refuses.
  if (outcome.lane) lane.pause(outcome.lane.pauseMs);
  const usable = canSend(calling, event, settings.from, on);
  return settled(judgeAttempt(calling, outcome, calling === current ? kept : null, [], on, usable), on);
}

async function settled(
  settlement: Settlement,
  on: Delivery,
): Promise<{ settlement: Settlement; settled: SettledMessage }> {
  const done = await on.settle(settlement);
  return { settlement: done.instead ? { ...settlement, update: done.instead } : settlement, settled: done };
}

/**
 * Commits what must be known before the call: that it is about to begin, the attempts lost before. The lease goes on;
 * undefined when the message is no longer ours.
 */
async function goOn(
  job: Job,
  known: { readonly calling: boolean; readonly content: string | null; readonly lost: readonly TimelineEntry[] },
  on: Delivery,
): Promise<Job | { settlement: Settlement; settled: SettledMessage } | undefined> {
  const { leaseMs } = on.context.settings;
  const { calling, content, lost } = known;
  const lane = on.lane.name;
  const update = moveMessage(job.message, 'queued', { calling, leaseIn: leaseMs, timeline: lost, lane });
  if (on.held.revoked) return undefined;
  const done = await settled({ ...settlementOf(job, update), content }, on);
  if (done.settled.stale) return undefined;
  if (done.settled.instead) return done;
  return { ...job, message: { ...job.message, lane, epoch: job.message.epoch + 1 } };
}

function readable(error: unknown): TidingsError {
  if (TidingsError.is(error)) return error;
  return new TidingsError('TEMPLATE_FAILED', `The message could not be rendered: ${wordsOf(error)}`, { cause: error });
}

function nameOf(job: Job): { toName?: string } {
  if (!job.contact) return {};
  const { name } = contactFrom(job.contact);
  return name === undefined ? {} : { toName: name };
}
