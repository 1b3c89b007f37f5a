import type { SendStepPlan } from '../plan/plan.ts';
import type { Secrets } from '../plan/secrets.ts';
import { chooseLanguage } from '../rules/language-chain.ts';
import { type ChannelOption, type Route, type RouteAddress, routing } from '../rules/routing.ts';
import type { Channel, Contact, ContactFacts } from '../spec/index.ts';
import type { AcceptItem } from './accept-item.ts';
import { addressesOn } from './addresses-on.ts';
import { type AdapterChoice, chooseAdapter } from './choose-adapter.ts';
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
  on: AdapterChoice & { readonly secrets: Secrets },
): Route {
  const order = item.forced === undefined ? step.route : [item.forced];
  const options = order.map((name): ChannelOption => {
    const channel = on.plan.channels.get(name);
    const templates = step.channels.get(name);
    const { adapter, senderProblem, passedOver } = channel
      ? chooseAdapter(item, channel, on)
      : { adapter: undefined, senderProblem: undefined, passedOver: [] };
    return {
      channel: name,
      addresses: channel ? suppressable(item, channel, target, set, on.secrets) : [],
      language: templates && chooseLanguage(target.language, [...templates.languages.keys()], on.plan.language),
      adapter: adapter?.name,
      senderProblem,
      passedOver,
    };
  });
  const route = routing(options, target.direct ? 'address given' : 'contact');
  if (route.kind === 'send') on.turns.set(route.option.channel, (on.turns.get(route.option.channel) ?? 0) + 1);
  return route;
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
