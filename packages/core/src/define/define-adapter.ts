import type { BuiltInChannels } from '../channels/index.ts';
import type { Channel, TypesOf } from '../spec/channel.ts';
import type {
  AdapterCall,
  ChannelAdapter,
  LaneOptions,
  Outcome,
  OutgoingMessage,
  Sender,
} from '../spec/channel-adapter.ts';
import { checkKeys, isLabel, isPlainObject, refuse } from './check-options.ts';
import { checkSender } from './check-sender.ts';
import { isChannel } from './define-channel.ts';

type NameOf<C> = C extends Channel<infer T> ? T['name'] : C extends string ? C : never;
type TypesOfChannel<C> = C extends Channel
  ? TypesOf<C>
  : C extends keyof BuiltInChannels
    ? TypesOf<BuiltInChannels[C]>
    : { template: Record<string, unknown>; overrides: Record<string, unknown> };

/** A message as an adapter of this channel gets it. */
export type MessageFor<C> = OutgoingMessage<TypesOfChannel<C>['template'], TypesOfChannel<C>['overrides']>;

/** What `defineAdapter` takes. `C` is the channel, or its name. */
export interface AdapterOptions<C extends Channel | string> {
  /** Unique within an engine; stands in traces. Up to 64 letters, digits, `.`, `-` and `_`. */
  name: string;
  /** The channel, or the name of a built-in one. */
  channel: C;
  /** How much it takes at once. Default: 200 calls, no rate. */
  lane?: LaneOptions;
  /** Longest a call may take, in ms, before its outcome counts as unknown. Default: 15,000. */
  deadlineMs?: number;
  /** Attempts in all. Default: 5. */
  attempts?: number;
  /** Used when neither the send nor the engine names a sender; counts as verified. */
  defaultSender?: Sender;
  /** The senders the provider has confirmed. */
  senders?: () => Promise<readonly Sender[]>;
  /** One call of the provider. Returns an outcome; what it throws: see `ChannelAdapter.send`. Never retries by itself. */
  send(message: MessageFor<C>, call: AdapterCall): Promise<Outcome>;
  /** Several messages in one call; the outcomes in the same order. */
  sendMany?(messages: readonly MessageFor<C>[], call: AdapterCall): Promise<readonly Outcome[]>;
  /** Frees what it holds when the engine stops. */
  close?(): Promise<void>;
}

const options = [
  'name',
  'channel',
  'lane',
  'deadlineMs',
  'attempts',
  'defaultSender',
  'senders',
  'send',
  'sendMany',
  'close',
];

/**
 * Defines an adapter: how a message leaves on one channel through one provider.
 *
 * @throws TidingsError `CONFIGURATION_INVALID` naming the option, for an unknown or malformed one.
 *
 * @example
 * export const matrixOrg = defineAdapter({
 *   name: 'matrix.org',
 *   channel: matrix,
 *   async send({ to, content }, { signal, key }) {
 *     const response = await fetch(`${base}/rooms/${to}/send/${key}`, { method: 'PUT', body: content.body, signal });
 *     if (response.ok) return { outcome: 'accepted' };
 *     return { outcome: response.status >= 500 ? 'retry' : 'rejected', reason: `HTTP ${response.status}` };
 *   },
 * });
 */
export function defineAdapter<const C extends Channel | string>(adapter: AdapterOptions<C>): ChannelAdapter<NameOf<C>> {
  const owner =
    isPlainObject(adapter) && typeof adapter.name === 'string' ? `defineAdapter "${adapter.name}"` : 'defineAdapter';
  checkKeys(owner, 'options', adapter, options);
  const { name, channel, lane, deadlineMs, attempts, defaultSender, senders, sendMany, close } =
    adapter as AdapterOptions<C>;
  if (typeof name !== 'string' || !/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name)) {
    refuse(owner, 'name', 'must be up to 64 letters, digits, ., - and _, beginning with a letter or digit');
  }
  const channelName = isChannel(channel) ? channel.name : channel;
  if (!isLabel(channelName)) refuse(owner, 'channel', 'must be a channel, or the name of a built-in one');
  checkCount(owner, 'deadlineMs', deadlineMs);
  checkCount(owner, 'attempts', attempts);
  checkFunction(owner, 'send', adapter.send, true);
  checkFunction(owner, 'senders', senders);
  checkFunction(owner, 'sendMany', sendMany);
  checkFunction(owner, 'close', close);
  // called on the options, so that methods may use `this`
  return Object.freeze({
    specVersion: 1,
    name,
    channel: channelName as NameOf<C>,
    lane: checkLane(owner, lane),
    deadlineMs: deadlineMs ?? 15_000,
    attempts: attempts ?? 5,
    ...(defaultSender === undefined ? {} : { defaultSender: checkSender(owner, 'defaultSender', defaultSender) }),
    ...(senders === undefined ? {} : { senders: () => senders.call(adapter) }),
    send: (message, call) => adapter.send(message, call),
    ...(sendMany === undefined ? {} : { sendMany: (messages, call) => sendMany.call(adapter, messages, call) }),
    ...(close === undefined ? {} : { close: () => close.call(adapter) }),
  } satisfies ChannelAdapter<NameOf<C>>);
}

function checkLane(owner: string, lane: unknown): LaneOptions {
  if (lane === undefined) return Object.freeze({ slots: 200 });
  checkKeys(owner, 'lane', lane, ['slots', 'rate']);
  checkCount(owner, 'lane.slots', lane.slots);
  const slots = (lane.slots as number | undefined) ?? 200;
  const rate = lane.rate;
  if (rate === undefined) return Object.freeze({ slots });
  checkKeys(owner, 'lane.rate', rate, ['limit', 'perMs']);
  checkCount(owner, 'lane.rate.limit', rate.limit ?? null);
  checkCount(owner, 'lane.rate.perMs', rate.perMs ?? null);
  return Object.freeze({
    slots,
    rate: Object.freeze({ limit: rate.limit as number, perMs: rate.perMs as number }),
  });
}

function checkCount(owner: string, path: string, value: unknown): void {
  if (value === undefined || (Number.isSafeInteger(value) && (value as number) > 0)) return;
  refuse(owner, path, 'must be a whole number from 1');
}

function checkFunction(owner: string, path: string, value: unknown, needed = false): void {
  if (typeof value === 'function' || (value === undefined && !needed)) return;
  refuse(owner, path, 'must be a function');
}
