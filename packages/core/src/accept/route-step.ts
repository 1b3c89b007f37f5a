import type { Plan, SendStepPlan } from '../plan/plan.ts';
import type { Secrets } from '../plan/secrets.ts';
import { chooseLanguage } from '../rules/language-chain.ts';
import { type ChannelOption, type Route, type RouteAddress, routing } from '../rules/routing.ts';
import { chooseSender, senderNeed, wantedSender } from '../rules/sender.ts';
import type { Channel, Contact, ContactFacts, Sender } from '../spec/index.ts';
import type { AcceptItem } from './accept-item.ts';
import { addressesOn } from './addresses-on.ts';
import type { WorkingSet } from './working-set.ts';

/** Who a step goes to: a contact, or an address without one. */
export interface Target {
  readonly contact: Contact | undefined;
  readonly facts: ContactFacts | undefined;
  readonly direct: { readonly channel: string; readonly address: string } | undefined;
  readonly language: string;
}

/** Where a send step goes for this recipient, with every channel looked at and why. */
export function routeStep(
  item: AcceptItem,
  step: SendStepPlan,
  target: Target,
  set: WorkingSet,
  on: { readonly plan: Plan; readonly secrets: Secrets },
): Route {
  const order = item.forced === undefined ? step.route : [item.forced];
  const options = order.map((name): ChannelOption => {
    const channel = on.plan.channels.get(name);
    const templates = step.channels.get(name);
    const adapter = on.plan.adapters[item.mode].get(name)?.[0];
    return {
      channel: name,
      addresses: channel ? suppressable(item, channel, target, set, on.secrets) : [],
      language: templates && chooseLanguage(target.language, [...templates.languages.keys()], on.plan.language),
      adapter: adapter?.name,
      senderProblem: channel && adapter && senderProblem(item, channel, on.plan),
    };
  });
  return routing(options, target.direct ? 'address given' : 'contact');
}

function suppressable(
  item: AcceptItem,
  channel: Channel,
  target: Target,
  set: WorkingSet,
  secrets: Secrets,
): RouteAddress[] {
  const found = target.direct
    ? target.direct.channel === channel.name
      ? [{ address: target.direct.address, value: target.direct.address }]
      : []
    : target.facts && target.contact
      ? addressesOn(channel, target.facts, target.contact)
      : [];
  return found.map(({ address, value }) => {
    let suppressed: RouteAddress['suppressed'];
    const [hash, ...older] = secrets.hashes(channel.address, value);
    for (const candidate of [hash, ...older]) {
      suppressed ??= set.suppression(item.scope, candidate, channel.name)?.reason;
    }
    return { address, hash, suppressed };
  });
}

function senderProblem(item: AcceptItem, channel: Channel, plan: Plan): string | undefined {
  const live = plan.adapters.live.get(channel.name)?.[0];
  const adapterDefault: Sender | undefined = live?.defaultSender;
  const chosen = chooseSender({
    channel: channel.name,
    need: senderNeed(channel, item.mode),
    wanted: wantedSender(channel.name, item.from, item.event.senders),
    listed: plan.senders,
    adapterDefault,
    confirmed: live ? (item.confirmed.get(live.name) ?? []) : [],
  });
  return 'problem' in chosen ? chosen.problem : undefined;
}
