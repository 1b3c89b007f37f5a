import type { EventDefinition } from '../define/event-definition.ts';
import type { RenderContext } from '../define/templates.ts';
import type { ListedSender } from '../rules/sender.ts';
import type { Channel, ChannelAdapter, Mode, Priority, Sender } from '../spec/index.ts';

// What createEngine makes of its options: everything looked up, checked and compiled once.

/** One field of a template: a Handlebars text, a function, or plain data with texts in it. */
export type FieldPlan =
  | { readonly name: string; readonly kind: 'text'; readonly source: string }
  | { readonly name: string; readonly kind: 'function'; readonly render: (context: RenderContext<unknown>) => unknown }
  | { readonly name: string; readonly kind: 'data'; readonly data: unknown };

/** The templates of an event on one channel, by language. */
export interface ChannelPlan {
  readonly channel: Channel;
  readonly languages: ReadonlyMap<string, readonly FieldPlan[]>;
  /** Layout to wrap html in; undefined: none. */
  readonly layout: string | undefined;
}

/** A send step. */
export interface SendStepPlan {
  readonly id: string;
  /** Channels in the order they are tried. */
  readonly route: readonly string[];
  /** The event's templates, with those of the step over them. */
  readonly channels: ReadonlyMap<string, ChannelPlan>;
}

/** An event, compiled. */
export interface EventPlan {
  readonly name: string;
  readonly category: string;
  readonly priority: Priority;
  readonly expiresMs: number | null;
  readonly strict: boolean;
  readonly snapshot: 'keep' | 'off' | ((content: Record<string, unknown>) => Record<string, unknown>);
  readonly senders: ReadonlyMap<string, Sender>;
  readonly listeners: readonly unknown[];
  readonly steps: readonly SendStepPlan[];
  /** Every channel that has a template, of the event or of a step. */
  readonly channels: ReadonlySet<string>;
  readonly definition: EventDefinition;
  /** Parses and validates a payload. */
  parsePayload(payload: unknown): Promise<unknown>;
}

/** Everything an engine was configured with. */
export interface Plan {
  readonly events: ReadonlyMap<string, EventPlan>;
  readonly channels: ReadonlyMap<string, Channel>;
  /** By mode and channel, in the order they are tried. */
  readonly adapters: Readonly<Record<Mode, ReadonlyMap<string, readonly ChannelAdapter[]>>>;
  readonly senders: readonly ListedSender[];
  readonly language: string;
  readonly app: Readonly<Record<string, unknown>>;
  readonly brand: Readonly<Record<string, unknown>>;
  readonly otpDomain: string | undefined;
}
