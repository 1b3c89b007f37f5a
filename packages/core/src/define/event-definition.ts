import type { Sequence, SequenceEnd } from '../sequences/sequence.ts';
import type { Step } from '../sequences/step.ts';
import type { Channel } from '../spec/channel.ts';
import type { Sender } from '../spec/channel-adapter.ts';
import type { Priority } from '../spec/queue.ts';
import type { InputOf, OutputOf, StandardSchema } from '../spec/standard-schema.ts';
import type { Duration } from './duration.ts';
import type { Recipient } from './recipient.ts';
import type { AnyTemplates, ByLanguage, FieldsOf } from './templates.ts';

/** Any Standard Schema: zod, valibot, arktype, … */
// biome-ignore lint/suspicious/noExplicitAny: any schema
export type AnySchema = StandardSchema<any, any>;

/** The types of an event: plain, so that declarations of events hold no schema library. */
export interface EventTypes {
  input: unknown;
  output: unknown;
  channel: string;
  channels: object;
  category: string;
  /** Whether the event has recipients of its own. */
  listeners: boolean;
}

/** How soon a message goes where several wait: `urgent` first, `bulk` last. */
export type PriorityName = 'urgent' | 'normal' | 'bulk';

/** What is kept of the rendered content once a message is done: all of it, nothing, or what `redact` returns. */
export type Snapshot =
  | 'keep'
  | 'off'
  | { readonly redact: (content: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>> };

/** What `defineEvent` takes. */
export interface EventOptions<
  Channels extends object,
  Name extends keyof Channels & string,
  Schema extends AnySchema,
  Category extends string,
  Listeners extends readonly Recipient<Channels>[] | undefined,
> {
  /** A title for people. Default: the name it has in `events`. */
  name?: string;
  /** Validates the payload; its output is what templates see. Left out: no payload. */
  payload?: Schema;
  /** A group of events, kept with each notification. Default: `transactional`. */
  category?: Category;
  /** The channels to try: the first that can reach the contact is used. Default: the order of `templates`. */
  route?: readonly NoInfer<Name>[];
  /** By channel, language and field; or {@link templateFiles} for a whole channel. */
  templates: { [K in Name]: ByLanguage<FieldsOf<Channels, K>, OutputOf<NoInfer<Schema>>> };
  /** Default: one send step with the id `send`. */
  sequence?: (
    sequence: Sequence<{ payload: OutputOf<NoInfer<Schema>>; channel: NoInfer<Name>; channels: Channels }>,
    // biome-ignore lint/suspicious/noExplicitAny: any ids
  ) => SequenceEnd<any, any>;
  /** Whom it goes to when a send has no `to`. */
  listeners?: Listeners;
  /** Default: `normal`. */
  priority?: PriorityName;
  /** A variable without a value fails the message instead of rendering as nothing. Default: the engine's `strict`. */
  strict?: boolean;
  /** Default: the engine's `snapshots`. */
  snapshot?: Snapshot;
  /** Who it comes from, by channel, unless the send says so. Default: the engine's default sender of the channel. */
  from?: { readonly [K in NoInfer<Name>]?: string | Sender };
  /** One of the engine's `layouts`; `false`: none. Default: the layout named `default`, where there is one. */
  layout?: string | false;
  /** A message not handed over by then is given up. Default: never. */
  expiresIn?: Duration;
}

/**
 * An event as `defineEvent` returns it: frozen, validated, with its channels and its evaluated steps. The keys of the
 * object given as `events` are the names; a definition does not know its own.
 */
// biome-ignore lint/suspicious/noExplicitAny: the bag is open by default
export interface EventDefinition<Types extends EventTypes = any> {
  /** A title for people. */
  readonly title?: string;
  readonly payload?: StandardSchema<Types['input'], Types['output']>;
  readonly category: Types['category'];
  readonly route: readonly Types['channel'][];
  readonly templates: AnyTemplates;
  /** The channels it has templates for (of the event or of a step), by name. */
  readonly channels: Readonly<Record<string, Channel>>;
  readonly steps: readonly Step[];
  /** Empty: none. */
  readonly listeners: readonly unknown[];
  readonly priority: Priority;
  readonly strict?: boolean;
  readonly snapshot?: Snapshot;
  readonly from: Readonly<Record<string, Sender>>;
  readonly layout?: string | false;
  readonly expiresInMs?: number;
  readonly '~types'?: Types;
}

/** Events by name. */
export type EventMap = { readonly [name: string]: EventDefinition };

/** Infers an event's types from one literal: the schema, the channels (keys of `templates`), category and listeners. */
export type DefineEvent<Channels extends object> = <
  Name extends keyof Channels & string,
  // `StandardSchema<{}>` would accept any payload
  Schema extends AnySchema = StandardSchema<Record<string, never>>,
  const Category extends string = 'transactional',
  Listeners extends readonly Recipient<Channels>[] | undefined = undefined,
>(
  event: EventOptions<Channels, Name, Schema, Category, Listeners>,
) => EventDefinition<{
  input: InputOf<Schema>;
  output: OutputOf<Schema>;
  channel: Name;
  channels: Channels;
  category: Category;
  listeners: Listeners extends readonly unknown[] ? true : false;
}>;
