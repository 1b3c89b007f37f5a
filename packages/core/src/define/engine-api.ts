import type { MessageStatus, NotificationStatus, SuppressionReason } from '../spec/lifecycle.ts';
import type { Page } from '../spec/page.ts';
import type { Mode } from '../spec/scope.ts';
import type { Pruned } from '../spec/store.ts';
import type { BroadcastOptions, BroadcastResult, BroadcastSource } from './broadcast.ts';
import type { ContactExport, ContactExportPart } from './contact-export.ts';
import type { Duration } from './duration.ts';
import type { EventMap, EventTypes } from './event-definition.ts';
import type { ContactFields, ContactReference, Recipient } from './recipient.ts';
import type { ReportName, Reports } from './reports.ts';
import type { Sender, Sent, SentMany } from './send.ts';
import type { CommonSendOptions, InTransaction, TypesOfEvent } from './send-options.ts';
import type {
  ContactView,
  EventView,
  IntegrationView,
  MessageTrace,
  MessageView,
  NotificationSummary,
  NotificationView,
  Stopped,
  SuppressionView,
} from './views.ts';

/** A notification engine. A function that needs no transaction of the host's takes `Engine<typeof events>`, whatever the store. */
export interface Engine<E extends EventMap, Tx = never> extends Sender<E, Tx>, UntypedEngine {
  /** The same engine for another tenant or mode: nothing crosses between them. Default: tenant `default`, mode `live`. */
  for(scope: { readonly tenant?: string; readonly mode?: Mode }): Engine<E, Tx>;
  /**
   * Stops every open notification of an event for one recipient, or those made under an idempotency key. What it counts as
   * cancelled never reaches a provider; no retry, failover or later step follows any of them. Never creates a contact;
   * whoever is not known has nothing to cancel.
   *
   * @throws TidingsError `EVENT_NOT_FOUND`, `VALIDATION_ERROR`, `INVALID_EMAIL`, `INVALID_PHONE`, `CONFLICT`
   */
  cancel<N extends keyof E & string>(
    event: N,
    which: Cancel<Recipient<TypesOfEvent<E, N>['channels']>, Tx>,
  ): Promise<Stopped>;
  readonly contacts: Contacts<Recipient<TypesOfEvent<E, keyof E>['channels']>, Tx>;
  readonly suppressions: Suppressions<Tx>;
  /**
   * Begins a transaction on the store's own connection, runs `run` in it and commits; rolls back when it throws. After the
   * commit what was sent in it is delivered at once. Inside it every call of this engine that writes must be given
   * `transaction`: this one, or `'none'`.
   *
   * It takes no options: where a transaction is to be of another kind, begin it yourself and pass it on.
   *
   * @throws TidingsError `NOT_SUPPORTED` for a store that begins none; `VALIDATION_ERROR`; what `run` throws.
   */
  transaction<R>(run: (...given: Given<Tx>) => Promise<R>): Promise<R>;
  /**
   * Calls `listener` for what this process does, after it is committed; returns how to stop. What it throws is reported as
   * `error`.
   *
   * @throws TidingsError `VALIDATION_ERROR`, `ENGINE_STOPPED`
   */
  on<K extends ReportName>(name: K, listener: (report: Reports<E>[K]) => void): () => void;
}

/**
 * What a function in a transaction is given. Unknown where nothing is said of the store, so that an engine on any store fits
 * `Engine<typeof events>`; in a list that depends on `Tx`, so that the compiler compares engines member by member.
 */
type Given<Tx> = [Tx] extends [never] ? [transaction: unknown] : [transaction: Tx];

/** What routers, dashboards and scripts take: event names and bodies are checked at run time only. */
export interface UntypedEngine {
  readonly untyped: {
    /** As `send`. */
    send(event: string, message: UntypedSend): Promise<Sent | SentMany>;
    /** As `broadcast`. */
    broadcast(
      event: string,
      source: BroadcastSource<unknown, Recipient>,
      options: BroadcastOptions<EventTypes, Recipient>,
    ): Promise<BroadcastResult>;
    /** As `cancel`. */
    cancel(event: string, which: Cancel<unknown, unknown>): Promise<Stopped>;
    /** As `for`. */
    for(scope: { readonly tenant?: string; readonly mode?: Mode }): UntypedEngine;
    /** As `on`. */
    on<K extends ReportName>(name: K, listener: (report: Reports<EventMap>[K]) => void): () => void;
  };
  readonly notifications: Notifications;
  readonly messages: Messages;
  readonly contacts: Contacts;
  readonly suppressions: Suppressions;
  readonly events: Events;
  readonly integrations: Integrations;
  /** Migrates the store where needed and begins to deliver. Twice is once. Happens by itself at the first use unless `autoStart: false`. */
  start(): Promise<void>;
  /** Takes no more work, lets open calls end, gives back what was not begun. Twice is once. */
  stop(): Promise<void>;
  /** Resolves when nothing is due and no call is open in this process. */
  idle(): Promise<void>;
  /** For scripts and serverless functions: works off what is due, then returns; stays within `budget`. */
  drain(options?: {
    /** Default: until nothing is due. */
    readonly budget?: Duration;
  }): Promise<Drained>;
  /**
   * Removes, of every scope, what `retention` says has been kept long enough, until nothing is left to remove; `done` is
   * false when `stop` came first. Workers do so by themselves about once an hour.
   */
  prune(): Promise<Omit<Pruned, 'cursor'>>;
}

/** What to cancel: the notifications for one recipient, or those of the send that gave this key. */
export type Cancel<To = Recipient, Tx = never> = InTransaction<Tx> &
  ({ readonly to: To; readonly idempotencyKey?: never } | { readonly idempotencyKey: string; readonly to?: never });

/** What a drain did. */
export interface Drained {
  /** Messages whose attempt ended. */
  readonly handled: number;
  /** False when the budget ran out first, or messages may wait for a pause that a provider asked for. */
  readonly empty: boolean;
}

/** A send whose event is known at run time only. */
export interface UntypedSend extends CommonSendOptions {
  to?: unknown;
  payload?: unknown;
  channel?: string;
  overrides?: object;
  transaction?: unknown;
}

/** What every list takes. */
export interface ListOptions {
  /** 1–500. Default: 50. */
  readonly limit?: number;
  /** `cursor` of the page before. */
  readonly cursor?: string;
  /** Rows to skip, at most 10,000; a cursor is faster. */
  readonly offset?: number;
  /** Also count, up to 10,000. Default: false. */
  readonly total?: boolean;
}

/** Reads and stops notifications. */
export interface Notifications {
  /** @throws TidingsError `NOT_FOUND` */
  get(id: string): Promise<NotificationView>;
  /** Newest first. */
  list(
    options?: ListOptions & {
      readonly event?: string;
      readonly status?: NotificationStatus | readonly NotificationStatus[];
      readonly contact?: ContactReference;
    },
  ): Promise<Page<NotificationSummary>>;
  /** Stops this one, as `engine.cancel` does. One that has ended has nothing to cancel. @throws TidingsError `NOT_FOUND` */
  cancel(id: string, options?: { readonly transaction?: unknown }): Promise<Stopped>;
}

/** Reads messages. */
export interface Messages {
  /** @throws TidingsError `NOT_FOUND` */
  get(id: string): Promise<MessageView>;
  /** With its timeline, the routing decision and what was rendered. @throws TidingsError `NOT_FOUND` */
  trace(id: string): Promise<MessageTrace>;
  /** Newest first. */
  list(
    options?: ListOptions & {
      readonly event?: string;
      readonly channel?: string;
      readonly status?: MessageStatus | readonly MessageStatus[];
      readonly contact?: ContactReference;
    },
  ): Promise<Page<MessageView>>;
}

/** Keeps contacts. */
export interface Contacts<To = Recipient, Tx = never> {
  /** Creates or updates by the identifiers given. @throws TidingsError `CONFLICT` when they belong to different contacts */
  upsert(contact: Exclude<To, string>, options?: InTransaction<Tx>): Promise<ContactView>;
  /** @throws TidingsError `NOT_FOUND` */
  get(who: ContactReference): Promise<ContactView>;
  /** Undefined when there is none. */
  find(who: ContactReference): Promise<ContactView | undefined>;
  /** Newest first. `search` is a prefix of e-mail, phone or name. */
  list(options?: ListOptions & { readonly search?: string }): Promise<Page<ContactView>>;
  /** Changes the fields given; `null` removes one. @throws TidingsError `NOT_FOUND`, `CONFLICT` */
  update(who: ContactReference, changes: ContactFields, options?: InTransaction<Tx>): Promise<ContactView>;
  /**
   * Erases the person: stops what runs, then removes every plain text of theirs. A keyed hash of a suppressed address
   * stays, so that it stays suppressed.
   *
   * @throws TidingsError `NOT_FOUND`
   */
  delete(who: ContactReference): Promise<Stopped>;
  /**
   * Everything held about a person, as one plain object for `JSON.stringify`. Read in pages, outside any transaction; a
   * history of any length is better read by `exportParts`.
   *
   * @throws TidingsError `NOT_FOUND`
   */
  export(who: ContactReference): Promise<ContactExport>;
  /**
   * The same piece by piece, in flat memory: first the contact, then each notification, newest first, then each
   * suppression. Throws as `export` does, at the first piece.
   */
  exportParts(who: ContactReference): AsyncIterable<ContactExportPart>;
  /** A token belongs to one contact: it moves here. @throws TidingsError `NOT_FOUND` */
  addPushToken(who: ContactReference, token: string, options?: InTransaction<Tx>): Promise<ContactView>;
  /** Harmless when it is not there. @throws TidingsError `NOT_FOUND` */
  removePushToken(who: ContactReference, token: string, options?: InTransaction<Tx>): Promise<ContactView>;
}

/** One address, on one channel or on all that use it. */
export interface SuppressedAddress {
  readonly address: string;
  /** Needed for an address that is neither e-mail nor phone. Default: every channel that uses the address. */
  readonly channel?: string;
}

/** Keeps the addresses that are not sent to. */
export interface Suppressions<Tx = never> {
  /** From when it resolves nothing not yet handed over goes there. Replaces reason and note of an existing one. */
  add(
    suppression: SuppressedAddress & {
      /** Default: `manual`. */
      readonly reason?: SuppressionReason;
      readonly note?: string;
    },
    options?: InTransaction<Tx>,
  ): Promise<Stopped>;
  /** True when there was one. */
  remove(suppression: SuppressedAddress, options?: InTransaction<Tx>): Promise<boolean>;
  /** What keeps us from sending there; empty: nothing. With `channel`, what concerns that channel. */
  check(suppression: SuppressedAddress): Promise<readonly SuppressionView[]>;
  list(
    options?: ListOptions & { readonly channel?: string; readonly reason?: SuppressionReason },
  ): Promise<Page<SuppressionView>>;
}

/** Shows the events the engine was created with. */
export interface Events {
  list(): readonly EventView[];
  /** @throws TidingsError `EVENT_NOT_FOUND` */
  get(event: string): EventView;
}

/** Shows the adapters the engine was created with. */
export interface Integrations {
  list(options?: { readonly channel?: string }): Promise<readonly IntegrationView[]>;
}
