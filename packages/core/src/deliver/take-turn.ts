import { moveMessage } from '../lifecycle/transition.ts';
import type { Job } from '../plan/job.ts';
import type { EventPlan } from '../plan/plan.ts';
import { type Candidate, preferred, staysWith, triesOf } from '../rules/failover.ts';
import { type ChosenSender, chooseSender, senderNeed, wantedSender } from '../rules/sender.ts';
import { type Sender, TidingsError, type TimelineEntry } from '../spec/index.ts';
import type { Delivery } from './delivery.ts';
import type { Lane } from './lane.ts';
import { failure, type Settlement, settlementOf } from './settlement.ts';

type At = Pick<Delivery, 'context' | 'lane' | 'beside'>;

// A message that nobody can take now looks again after this, unless it is known better.
const lookAgainMs = 1000;

/** The adapters a message may be tried with, in order of preference, with what was tried. `usable` leaves others out. */
export function candidatesOf(
  job: Pick<Job, 'message' | 'timeline'>,
  on: At,
  usable: (lane: Lane) => boolean = () => true,
): readonly Candidate[] {
  const { settings } = on.context;
  const policy = settings.failover.get(job.message.channel) ?? 'ordered';
  const tries = triesOf(job.timeline);
  const lanes = preferred(on.beside, policy, on.beside.indexOf(on.lane));
  return lanes.filter(usable).map((lane) => ({
    ...tries(lane.name),
    // Whatever its only adapter was called before.
    ...(on.beside.length === 1 ? { count: job.message.attempts } : {}),
    adapter: lane.name,
    attempts: lane.adapter.attempts ?? settings.attempts,
    available: lane.condition !== 'open' && !lane.paused,
  }));
}

/**
 * As whom the message is sent by this lane's adapter. Where that has no attempt left or no sender, what is settled instead:
 * it moves to another adapter of the channel, or ends.
 */
export function takeTurn(
  job: Job,
  event: EventPlan,
  from: Sender | undefined,
  before: readonly TimelineEntry[],
  on: At,
): { readonly sender: Sender | undefined } | { readonly instead: Settlement } {
  const { channel } = job.message;
  const sender = senderOf(job, event, from, on.lane, on);
  const left = candidatesOf(job, on, canSend(job, event, from, on)).filter(({ count, attempts }) => count < attempts);
  const mine = on.beside.length === 1 || left.some(({ adapter }) => adapter === on.lane.name);
  // A stand-in must not repeat what the other provider may have sent.
  const home = staysWith(job.timeline, job.leasedAt);
  const elsewhere = left.find(({ adapter }) => adapter === home && adapter !== on.lane.name);
  if (mine && !elsewhere && !('problem' in sender)) return sender;
  const next = elsewhere ?? left.find(({ available }) => available) ?? left[0];
  if (next) {
    const wait = on.beside.find(({ name }) => name === next.adapter)?.waitMs() ?? lookAgainMs;
    const change = { lane: next.adapter, dueIn: next.available ? 0 : wait, timeline: before };
    return { instead: settlementOf(job, moveMessage(job.message, 'queued', change)) };
  }
  const error =
    'problem' in sender
      ? new TidingsError('UNVERIFIED_SENDER', `Event "${event.name}", ${channel}: ${sender.problem}.`)
      : new TidingsError('ATTEMPTS_EXHAUSTED', `No adapter of ${channel} has an attempt left for it.`);
  return { instead: failure(job, error, before) };
}

/** Whether a lane's adapter has a sender for the message. */
export function canSend(
  job: Job,
  event: EventPlan,
  from: Sender | undefined,
  on: Pick<Delivery, 'context'>,
): (lane: Lane) => boolean {
  return (lane) => !('problem' in senderOf(job, event, from, lane, on));
}

function senderOf(
  job: Job,
  event: EventPlan,
  from: Sender | undefined,
  lane: Lane,
  on: Pick<Delivery, 'context'>,
): ChosenSender {
  const { plan } = on.context;
  const { channel } = job.message;
  const wanted = wantedSender(channel, from, event.senders);
  // Nobody is written to in the mode `test`; who would be is shown.
  const writer = job.scope.mode === 'live' ? lane.adapter : plan.adapters.live.get(channel)?.[0];
  // Verified when it was accepted; a list that changed since does not take that back.
  const accepted = lane.name === job.message.lane || triesOf(job.timeline)(lane.name).count > 0;
  return chooseSender({
    channel,
    need: senderNeed(plan.channels.get(channel), job.scope.mode),
    wanted,
    listed: plan.senders,
    adapterDefault: writer?.defaultSender,
    confirmed: wanted && accepted ? [wanted] : [],
  });
}
