import type { Plan } from '../plan/plan.ts';
import { type FailoverPolicy, preferred } from '../rules/failover.ts';
import { chooseSender, senderNeed, wantedSender } from '../rules/sender.ts';
import type { Channel, ChannelAdapter } from '../spec/index.ts';
import type { AcceptItem } from './accept-item.ts';

/** What choosing among the adapters of a channel needs; plain data, so that deciding again gives the same. */
export interface AdapterChoice {
  readonly plan: Plan;
  readonly failover: ReadonlyMap<string, FailoverPolicy>;
  /** Adapters that newcomers had better not wait for, and those with room for one call that probes. */
  readonly conditions: ReadonlyMap<string, 'probe' | 'open'>;
  /** Free starts by lane. */
  readonly room: ReadonlyMap<string, number>;
  /** Messages of each channel so far; counted up. */
  readonly turns: Map<string, number>;
}

/** The adapter a message is accepted for. */
export interface ChosenAdapter {
  readonly adapter: ChannelAdapter | undefined;
  /** Why no adapter of the channel has a sender for the message. */
  readonly senderProblem: string | undefined;
  /** Adapters left out for their senders, and why. */
  readonly passedOver: readonly { readonly adapter: string; readonly why: string }[];
}

/**
 * The first adapter of the channel, by its policy, that has a sender for the message and works; where none works, the first
 * that has a sender.
 */
export function chooseAdapter(item: AcceptItem, channel: Channel, on: AdapterChoice): ChosenAdapter {
  const adapters = on.plan.adapters[item.mode].get(channel.name) ?? [];
  const policy = on.failover.get(channel.name) ?? 'ordered';
  const turn = on.turns.get(channel.name) ?? 0;
  const passedOver: { adapter: string; why: string }[] = [];
  const usable: ChannelAdapter[] = [];
  for (const adapter of preferred(adapters, policy, turn - 1)) {
    const why = senderProblem(item, channel, adapter, on.plan);
    if (why === undefined) usable.push(adapter);
    else passedOver.push({ adapter: adapter.name, why });
  }
  const adapter = usable.find(({ name }) => works(name, on)) ?? usable[0];
  return {
    adapter: adapter ?? adapters[0],
    senderProblem: adapter ? undefined : passedOver[0]?.why,
    passedOver: adapter ? passedOver : [],
  };
}

function works(adapter: string, { conditions, room }: AdapterChoice): boolean {
  const condition = conditions.get(adapter);
  return condition === undefined || (condition === 'probe' && (room.get(adapter) ?? 0) > 0);
}

function senderProblem(item: AcceptItem, channel: Channel, adapter: ChannelAdapter, plan: Plan): string | undefined {
  // Nobody is written to in the mode `test`; who would be is checked.
  const writer = item.mode === 'live' ? adapter : plan.adapters.live.get(channel.name)?.[0];
  const chosen = chooseSender({
    channel: channel.name,
    need: senderNeed(channel, item.mode),
    wanted: wantedSender(channel.name, item.from, item.event.senders),
    listed: plan.senders,
    adapterDefault: writer?.defaultSender,
    confirmed: writer ? (item.confirmed.get(writer.name) ?? []) : [],
  });
  return 'problem' in chosen ? chosen.problem : undefined;
}
