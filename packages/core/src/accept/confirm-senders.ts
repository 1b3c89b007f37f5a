import type { Context } from '../plan/context.ts';
import type { EventPlan } from '../plan/plan.ts';
import { concerns, wantedSender } from '../rules/sender.ts';
import { type ChannelAdapter, type Clock, type Sender, TidingsError } from '../spec/index.ts';

const keptForMs = 300_000;
const kept = new WeakMap<ChannelAdapter, { readonly at: number; readonly senders: Promise<readonly Sender[]> }>();

/**
 * What the providers have confirmed, by adapter name. Asked only on channels of the event whose wanted sender is listed
 * nowhere, no longer than a call may take, and kept for 5 minutes. Who does not answer has confirmed nothing.
 */
export async function confirmSenders(
  event: Pick<EventPlan, 'channels' | 'senders'>,
  from: Sender | undefined,
  on: Pick<Context, 'plan' | 'clock' | 'log' | 'settings'>,
): Promise<ReadonlyMap<string, readonly Sender[]>> {
  const asked = [...event.channels].flatMap((channel) => {
    const wanted = wantedSender(channel, from, event.senders);
    if (!wanted || !concerns(channel, wanted)) return [];
    if (on.plan.senders.some(({ address }) => address === wanted.address)) return [];
    return (on.plan.adapters.live.get(channel) ?? []).filter((adapter) => adapter.senders !== undefined);
  });
  const confirmed = new Map<string, readonly Sender[]>();
  await Promise.all(
    asked.map(async (adapter) => {
      const now = on.clock.monotonic();
      let entry = kept.get(adapter);
      if (!entry || now - entry.at > keptForMs) {
        const deadlineMs = adapter.deadlineMs ?? on.settings.deadlineMs;
        entry = { at: now, senders: within(deadlineMs, on.clock, async () => adapter.senders?.() ?? []) };
        kept.set(adapter, entry);
      }
      try {
        confirmed.set(adapter.name, await entry.senders);
      } catch (err) {
        if (kept.get(adapter) === entry) kept.delete(adapter);
        on.log.warn({ adapter: adapter.name, err }, 'The provider could not be asked for its confirmed senders.');
      }
    }),
  );
  return confirmed;
}

function within<Value>(ms: number, clock: Clock, ask: () => Promise<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    const timer = clock.after(ms, () =>
      reject(new TidingsError('PROVIDER_TIMEOUT', `The provider did not answer within ${ms} ms.`)),
    );
    ask()
      .finally(() => timer.cancel())
      .then(resolve, reject);
  });
}
