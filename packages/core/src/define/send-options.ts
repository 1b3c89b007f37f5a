import type { BuiltInChannels } from '../channels/index.ts';
import type { TypesOf } from '../spec/channel.ts';
import type { Sender } from '../spec/channel-adapter.ts';
import type { EventMap, EventTypes, PriorityName } from './event-definition.ts';
import type { OverridesOf } from './templates.ts';

/** The types of one event of a map. */
export type TypesOfEvent<E extends EventMap, N extends keyof E> = TypesOf<E[N]>;

/** `payload` is required exactly when the schema's input has a required property. */
export type PayloadOption<In> = [NeedsPayload<In>] extends [never] ? { payload?: In } : { payload: In };
type NeedsPayload<In> = In extends unknown ? ({} extends In ? never : true) : never;
/** `to` may be left out for an event with listeners. */
type ToOption<Listeners, To> = [Listeners] extends [true] ? { to?: To } : { to: To };
/** The option does not exist for a store that joins no transaction. */
export type TransactionOption<Tx> = [Tx] extends [never]
  ? {}
  : {
      /**
       * Commits or rolls back with the host's own writes; delivery begins after the commit. `'none'`: a commit of its own, said
       * aloud, as inside `engine.transaction` it must be.
       */
      transaction?: Tx | 'none';
    };

/** Options of a call that writes. */
export interface InTransaction<Tx> {
  /** As for `send`; not there for a store that joins no transaction. */
  readonly transaction?: [Tx] extends [never] ? never : Tx | 'none';
}

/** Settings of one send by channel, and of the brand templates see. */
export type Overrides<Channels, Name> = {
  [K in keyof Channels & Name]?: OverridesOf<Channels, K>;
} & {
  /** Merged over the engine's `brand`, key by key. */
  brand?: Readonly<Record<string, unknown>>;
};

/** What may happen to a recipient no channel can reach: the send fails, or a failed notification is recorded. */
export type OnUnroutable = 'throw' | 'record';

/** What every send may say, whatever the event. */
export interface CommonSendOptions {
  /** BCP 47. Default: the contact's language, else the engine's. */
  language?: string;
  /** Who it comes from: an address or `{ address, name }`. Default: the event's, then the engine's default sender. */
  from?: string | Sender;
  /** 1–255 bytes, kept 24 h for this event: the same request again gets the first result, another is refused. */
  idempotencyKey?: string;
  /** Default: the engine's `onUnroutable`. */
  onUnroutable?: OnUnroutable;
  /** Default: the event's; of a broadcast `bulk`. */
  priority?: PriorityName;
  /** Kept with the notification and shown in its webhooks, to tie it to a request of yours. */
  requestId?: string;
}

/** What `send` takes for one event. */
export type SendOptions<X extends EventTypes, To, Tx = never> = PayloadOption<X['input']> &
  ToOption<X['listeners'], To> &
  CommonSendOptions & {
    /** The only channel to use; one the event has a template for. Default: the event's route. */
    channel?: X['channel'];
    /** Settings by channel, for the channels the event has templates for; and `brand`. */
    overrides?: Overrides<X['channels'], X['channel']>;
  } & TransactionOption<Tx>;

/** Channels an engine of these events may have adapters for. */
export type ChannelName<E extends EventMap> = (keyof BuiltInChannels & string) | NamesIn<TypesOf<E[keyof E]>>;
/** Distributes: of a union, `keyof` would give only what all events have. `any` (events loaded at run time): every name. */
type NamesIn<Types> = 0 extends 1 & Types
  ? string
  : Types extends { channels: infer Channels }
    ? keyof Channels & string
    : never;
