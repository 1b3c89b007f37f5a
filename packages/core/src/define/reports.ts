import type { TypesOf } from '../spec/channel.ts';
import type { TidingsError } from '../spec/errors.ts';
import type { SuppressionReason } from '../spec/lifecycle.ts';
import type { Scope } from '../spec/scope.ts';
import type { BroadcastProgress } from './broadcast.ts';
import type { EventMap } from './event-definition.ts';
import type { FailureView } from './views.ts';

/** What every report about a message says. `Event` and `Channel` go together: narrowing one narrows the other. */
export interface MessageReport<Event extends string = string, Channel extends string = string> {
  readonly event: Event;
  readonly channel: Channel;
  /** The message's id. */
  readonly id: string;
  readonly notificationId: string;
  readonly contactId: string | null;
  /** Id of its send step. */
  readonly step: string;
  /** The adapter of the last attempt; null before the first. */
  readonly adapter: string | null;
  readonly attempt: number;
  readonly scope: Scope;
  readonly at: Date;
}

/** What every report about a notification says. */
export interface NotificationReport<Event extends string = string> {
  readonly event: Event;
  /** The notification's id. */
  readonly id: string;
  readonly contactId: string | null;
  readonly scope: Scope;
  readonly at: Date;
}

/** An adapter's circuit opened, stayed open after a call that probed, or closed. In this process; other processes have their own. */
export interface CircuitReport {
  /** The adapter's name. */
  readonly adapter: string;
  readonly channel: string;
  /** `open`: it failed so often in a row that it is left alone. `closed`: it works again. */
  readonly state: 'open' | 'closed';
  /** How long it is left alone before a call probes, in ms; null when closed. */
  readonly openMs: number | null;
}

/** Something failed that no caller waits for. The engine goes on. */
export interface ErrorReport {
  readonly error: TidingsError;
  /** What the engine was doing: `claim`, `settle`, `renew`, `prune`, … */
  readonly during: string;
}

type OfMessages<E extends EventMap, More = unknown> = {
  readonly [N in keyof E & string]: MessageReport<N, TypesOf<E[N]>['channel']> & More;
}[keyof E & string];
type OfNotifications<E extends EventMap, More = unknown> = {
  readonly [N in keyof E & string]: NotificationReport<N> & More;
}[keyof E & string];

/**
 * What `engine.on` reports, by name. Only what this process did is reported, after it was committed; webhooks and reads
 * tell of all processes.
 */
export interface Reports<E extends EventMap> {
  'message.sent': OfMessages<E, { readonly providerId: string | null }>;
  'message.delivered': OfMessages<E>;
  'message.opened': OfMessages<E>;
  'message.clicked': OfMessages<E>;
  'message.bounced': OfMessages<E, { readonly error: FailureView }>;
  'message.complained': OfMessages<E>;
  'message.suppressed': OfMessages<E, { readonly reason: SuppressionReason }>;
  'message.retrying': OfMessages<E, { readonly error: FailureView; readonly delayMs: number }>;
  'message.failed': OfMessages<E, { readonly error: FailureView }>;
  'message.cancelled': OfMessages<E>;
  /** Whether the provider sent it cannot be known. */
  'message.unknown': OfMessages<E, { readonly error: FailureView }>;
  'notification.completed': OfNotifications<E>;
  'notification.failed': OfNotifications<E, { readonly error: FailureView | null }>;
  'notification.stopped': OfNotifications<E>;
  'broadcast.progress': BroadcastProgress;
  'adapter.circuit': CircuitReport;
  error: ErrorReport;
}

/** Names of {@link Reports}. */
export type ReportName = keyof Reports<EventMap>;
