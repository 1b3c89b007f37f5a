import type { FailoverPolicy } from '../rules/failover.ts';
import type { ChannelAdapter, Sender } from '../spec/channel-adapter.ts';
import type { Clock, Random } from '../spec/clock.ts';
import type { Logger } from '../spec/logger.ts';
import type { Queue } from '../spec/queue.ts';
import type { Store } from '../spec/store.ts';
import type { Telemetry } from '../spec/telemetry.ts';
import type { Duration } from './duration.ts';
import type { EventMap, Snapshot } from './event-definition.ts';
import type { ChannelName, OnUnroutable } from './send-options.ts';

/** Distributes over the names, so that an adapter for a channel nobody defined is named in the error. */
type AdapterFor<Name extends string> = Name extends string ? ChannelAdapter<Name> : never;

/** A sender the engine may use, so it counts as verified. */
export interface SenderOption<Channel extends string = string> extends Sender {
  readonly channel: Channel;
  /** Used where neither the send nor the event names one. Default: the first of its channel. */
  readonly default?: boolean;
}

/** What a call whose outcome is unknown leads to: another attempt (a duplicate is possible), or an end as `unknown`. */
export type UnknownPolicy = 'retry' | 'hold';

/** What `createEngine` takes. Everything is checked at creation; a message names the path of what is wrong. */
export interface EngineOptions<E extends EventMap, Tx = never> {
  /** Keeps everything; its type says what `transaction` may be. */
  store: Store<Tx>;
  /** At least one for each channel. Several for one channel stand in for each other: see `delivery.failover`. */
  adapters: readonly AdapterFor<ChannelName<E>>[];
  /** By the names they are sent by: lower-case words joined by `-`, `.` or `_`. */
  events: E;
  /** Carries wake-ups between processes. Default: in this process. */
  queue?: Queue;
  /** What templates see as `app`. */
  app?: { readonly name: string; readonly [field: string]: unknown };
  senders?: readonly SenderOption<ChannelName<E>>[];
  /** What templates see as `brand`; a send may override it key by key. */
  brand?: Readonly<Record<string, unknown>>;
  /** Language of last resort, BCP 47. Default: `en`. */
  language?: string;
  /** Domain that one-time codes in texts are bound to. */
  otpDomain?: string;
  /** Current first, then older ones that must still be recognised. Default: one made and kept by the store. */
  secrets?: readonly string[];
  /** Default: warnings and errors to `console`. */
  log?: Logger;
  /** Default: the process's own. */
  clock?: Clock;
  /** Default: the process's own. */
  random?: Random;
  /** Default: none. */
  telemetry?: Telemetry;
  /** Handlebars partials by name. */
  partials?: Readonly<Record<string, string>>;
  /** Handlebars layouts of HTML by name, with `{{{body}}}` where the content goes; `default` is used unless an event says otherwise. */
  layouts?: Readonly<Record<string, string>>;
  /** Handlebars helpers by name. */
  // biome-ignore lint/suspicious/noExplicitAny: as Handlebars calls them
  helpers?: Readonly<Record<string, (...values: any[]) => unknown>>;
  /** A variable without a value fails the message. Default: false. */
  strict?: boolean;
  /** What is kept of rendered contents. Default: `keep`. */
  snapshots?: Snapshot;
  /** How phone numbers are checked: E.164 form, or a possible or valid number of its country. Default: `form`. */
  phones?: 'form' | 'possible' | 'valid';
  /** ISO 3166 code, such as `SE`; lets phone numbers be given in its local form. Default: none. */
  defaultCountry?: string;
  idempotency?: {
    /** How long a key is remembered, in ms. Default: 86,400,000 (24 h). */
    readonly keepMs?: number;
  };
  /** How long what is over is kept; removed in the background, a little at a time. Suppressions and contacts stay. */
  retention?: {
    /** What was rendered, from when it was. Default: `30 days`. `false`: as long as its notification. */
    readonly contents?: Duration | false;
    /** Notifications with their messages, from when they ended. Default: `90 days`. `false`: for ever. */
    readonly notifications?: Duration | false;
  };
  limits?: {
    /** Recipients in one send. Default: 1000. */
    readonly recipients?: number;
    /** A payload's JSON, in bytes. Default: 262,144. */
    readonly payloadBytes?: number;
    /** One rendered field of a template, in bytes of UTF-8. Default: 1,048,576. */
    readonly outputBytes?: number;
    /** Nesting of blocks and partials in a template; at most 1000. Default: 64. */
    readonly depth?: number;
    /** Rendering of one field, in ms; looked at in every helper, partial and iteration. Default: 2000. */
    readonly timeMs?: number;
    /** The source of one field, partial or layout, in characters. Default: 262,144. */
    readonly sourceBytes?: number;
    /** Compiled templates kept, by way of escaping. Default: 1000. */
    readonly templates?: number;
    /** Sends that may wait for a database that is away, where `storeWaitMs` lets them. Default: 10,000. */
    readonly waitingSends?: number;
  };
  delivery?: DeliveryOptions<ChannelName<E>>;
  /** What a recipient no channel can reach leads to. Default: `throw`. */
  onUnroutable?: OnUnroutable;
  /**
   * How long a send, a chunk of a broadcast and `start` wait for a database that is away, in ms, before they reject with
   * `STORE_UNAVAILABLE`. Default: 0, at once.
   */
  storeWaitMs?: number;
  /**
   * What a channel with templates and without an adapter leads to: an error at creation (`refuse`), or sends for which
   * the channel is passed over (`skip`). Default: `refuse`.
   */
  missingAdapter?: 'refuse' | 'skip';
  /** `producer` only accepts, `worker` only delivers. Default: `both`. */
  role?: 'producer' | 'worker' | 'both';
  /** Starts at the first use; `false`: only at `start()`. Default: true. */
  autoStart?: boolean;
}

/** How messages are worked off. */
export interface DeliveryOptions<Channel extends string = string> {
  /** How long a claimed message is ours, in ms; at least the longest adapter deadline + 2000. Default: 45,000. */
  readonly leaseMs?: number;
  /** How often leases are renewed while messages are held, in ms; less than `leaseMs`. Default: 15,000, or a third of the lease. */
  readonly heartbeatMs?: number;
  /** How often due messages are looked for, in ms. Default: 1000. */
  readonly pollMs?: number;
  /** How often messages of adapters that no process has are looked for, and rates shared anew, in ms. Default: 10,000. */
  readonly sweepMs?: number;
  /** How long `stop` lets running calls go on before it aborts them, in ms. Default: 10,000. */
  readonly graceMs?: number;
  /** Waits between attempts. Default: 10 s at most before the second, four times as long before each next, up to an hour. */
  readonly retry?: { readonly baseMs?: number; readonly factor?: number; readonly capMs?: number };
  /** By channel. Default: `retry`. */
  readonly unknown?: { readonly [C in Channel]?: UnknownPolicy };
  /** By channel, where several adapters deliver on it. Default: `ordered`. */
  readonly failover?: { readonly [C in Channel]?: FailoverPolicy };
  /**
   * When an adapter whose provider fails is left alone: after `failures` in a row (default: 5) for `openMs` (default:
   * 30,000), then until a call that probes succeeds. The wait doubles after each probe that fails, up to 5 minutes.
   */
  readonly circuit?: { readonly failures?: number; readonly openMs?: number };
}
