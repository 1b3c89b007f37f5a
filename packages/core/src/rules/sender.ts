import type { Channel, Mode, Sender } from '../spec/index.ts';

/** A sender the host says is its own. `@example.com` as address stands for every address of that domain. */
export interface ListedSender extends Sender {
  readonly channel: string;
  /** Used on its channel when a send names none. Default: false; the first listed one when none says so. */
  readonly default?: boolean;
}

/** What a channel's sender is chosen from. */
export interface SenderChoice {
  readonly channel: string;
  readonly need: 'required' | 'optional' | 'none';
  /** Asked for by the send or the event. */
  readonly wanted: Sender | undefined;
  readonly listed: readonly ListedSender[];
  readonly adapterDefault: Sender | undefined;
  /** What the provider has confirmed, where it was asked. */
  readonly confirmed: readonly Sender[];
}

/** The sender of a message, or why there is none to be had. */
export type ChosenSender = { readonly sender: Sender | undefined } | { readonly problem: string };

/**
 * Wanted, if verified: listed, the adapter's default or confirmed by the provider. Else the channel's listed default,
 * else the adapter's. A wanted sender of another kind (an e-mail address on an sms channel) does not concern the channel.
 */
export function chooseSender(choice: SenderChoice): ChosenSender {
  const { wanted, adapterDefault } = choice;
  if (choice.need === 'none') return { sender: undefined };
  const listed = choice.listed.filter((sender) => sender.channel === choice.channel);
  if (wanted && concerns(choice.channel, wanted)) {
    const verified =
      listed.some((sender) => covers(sender, wanted)) ||
      (adapterDefault !== undefined && covers(adapterDefault, wanted)) ||
      choice.confirmed.some((sender) => covers(sender, wanted));
    if (!verified) return { problem: 'the sender asked for is not verified' };
    const known = listed.find((sender) => same(sender.address, wanted.address));
    return { sender: named(wanted.address, wanted.name ?? known?.name) };
  }
  const own = listed.filter((sender) => !isDomain(sender.address));
  const fallback = own.find((sender) => sender.default) ?? own[0] ?? adapterDefault;
  if (fallback) return { sender: named(fallback.address, fallback.name) };
  if (choice.need === 'optional') return { sender: undefined };
  return { problem: 'no sender is configured for it' };
}

/** The sender to use of the send's and the event's for the channel: the send's, where it is of the channel's kind. */
export function wantedSender(
  channel: string,
  ofSend: Sender | undefined,
  ofEvent: ReadonlyMap<string, Sender>,
): Sender | undefined {
  return ofSend && concerns(channel, ofSend) ? ofSend : ofEvent.get(channel);
}

/** Whether a channel needs a sender. In the mode `test` nobody is written to, so none has to be configured. */
export function senderNeed(channel: Channel | undefined, mode: Mode): 'required' | 'optional' | 'none' {
  const need = channel?.sender ?? 'none';
  return need === 'required' && mode === 'test' ? 'optional' : need;
}

/** Whether a sender can be one of this channel: e-mail addresses are for e-mail, everything else is not. */
export function concerns(channel: string, sender: Sender): boolean {
  return sender.address.indexOf('@') > 0 === (channel === 'email');
}

function named(address: string, name: string | undefined): Sender {
  return name === undefined ? { address } : { address, name };
}

function covers(known: Sender, wanted: Sender): boolean {
  if (isDomain(known.address)) return wanted.address.toLowerCase().endsWith(known.address.toLowerCase());
  return same(known.address, wanted.address);
}

function isDomain(address: string): boolean {
  return address.startsWith('@');
}

function same(a: string, b: string): boolean {
  return a === b || (a.includes('@') && a.toLowerCase() === b.toLowerCase());
}
