import type { Context } from '../plan/context.ts';
import type { ChannelAdapter, Sender } from '../spec/index.ts';

const keptForMs = 300_000;
const kept = new WeakMap<ChannelAdapter, { readonly at: number; readonly senders: Promise<readonly Sender[]> }>();

/** What the providers have confirmed, by adapter name: asked only for a sender that is listed nowhere, kept for 5 minutes. */
export async function confirmSenders(
  wanted: readonly Sender[],
  on: Pick<Context, 'plan' | 'clock' | 'log'>,
): Promise<ReadonlyMap<string, readonly Sender[]>> {
  const confirmed = new Map<string, readonly Sender[]>();
  if (wanted.every(({ address }) => on.plan.senders.some((sender) => sender.address === address))) return confirmed;
  for (const [adapter] of on.plan.adapters.live.values()) {
    if (!adapter?.senders) continue;
    const now = on.clock.monotonic();
    let entry = kept.get(adapter);
    if (!entry || now - entry.at > keptForMs) {
      entry = { at: now, senders: (async () => adapter.senders?.() ?? [])() };
      kept.set(adapter, entry);
    }
    try {
      confirmed.set(adapter.name, await entry.senders);
    } catch (err) {
      kept.delete(adapter);
      on.log.warn({ adapter: adapter.name, err }, 'The provider could not be asked for its confirmed senders.');
    }
  }
  return confirmed;
}
