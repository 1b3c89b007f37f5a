import type {
  BroadcastRow,
  ContactFacts,
  ContentRow,
  IdempotencyRow,
  MessageRow,
  NotificationRow,
  Scope,
  SuppressionRow,
} from '@tidings/core/spec';

/**
 * What was seen of a run from outside: by those who sent, by the provider, and in the rows that are left. It says nothing
 * of what the engine believes of itself. Everything is data, so it can be written to a file by one process and judged by
 * another.
 *
 * `at`, `from` and `until` are moments of one order that all recorders share: a counter where everything runs in one
 * process, the monotonic clock of the machine where several do.
 */
export interface History {
  readonly sends: readonly Acknowledged[];
  readonly calls: readonly ProviderCall[];
  readonly stops: readonly Stopped[];
  readonly broadcasts: readonly Broadcasted[];
  readonly excuses: readonly Excuse[];
  readonly shutdowns: readonly Shutdown[];
  /** Changes of messages as they reached the store, in order. Left out where nobody can see them. */
  readonly writes?: readonly GuardedWrite[];
  /** Everything kept or written anywhere at the end, for what must not be in it: rows, wake-ups, log lines. */
  readonly texts?: readonly KeptText[];
  readonly channels: readonly ChannelPolicy[];
  readonly rows: FinalRows;
  /** Faults had ceased and there was time enough for everything to end. */
  readonly quiet: boolean;
}

/** A send that resolved: what the caller was promised. */
export interface Acknowledged {
  readonly beganAt: number;
  readonly ackedAt: number;
  readonly scope: Scope;
  readonly event: string;
  readonly idempotencyKey: string | null;
  /** The same text for the same request. */
  readonly request: string;
  /** The result as the caller got it, as JSON without `replayed`. */
  readonly reply: string;
  readonly replayed: boolean;
  readonly notifications: readonly { readonly id: string; readonly messages: readonly string[] }[];
}

/** One call that reached the provider. */
export interface ProviderCall {
  readonly messageId: string;
  readonly attempt: number;
  readonly channel: string;
  readonly address: string;
  readonly scope: Scope;
  /** The process that called. */
  readonly process: string;
  readonly beganAt: number;
  /** The store's time at the beginning, in ms; null where it cannot be known. */
  readonly storeTime: number | null;
  /** What the provider did. `late` and `none` were accepted as well, but the engine was told too late or never. */
  readonly outcome: 'accepted' | 'refused' | 'unknown' | 'late' | 'none';
}

/** A suppression, cancellation or erasure that resolved: from then on it must hold. */
export interface Stopped {
  readonly kind: 'suppress' | 'cancel' | 'erase';
  readonly scope: Scope;
  readonly resolvedAt: number;
  readonly cancelled: number;
  readonly alreadyHandedOver: number;
  /** Addresses, as the provider sees them, that are not to be called; empty where messages are named. */
  readonly addresses: readonly string[];
  /** The channel it concerns; `*`: each. */
  readonly channel: string;
  /** Messages that are not to be called. */
  readonly messages: readonly string[];
  /** When it was taken back; null: never. */
  readonly removedAt: number | null;
  /** Plain words that must be nowhere afterwards; only of an erasure. */
  readonly words: readonly string[];
}

/** A broadcast whose last run resolved. */
export interface Broadcasted {
  readonly id: string;
  readonly scope: Scope;
  /** How many recipients the source gave. */
  readonly recipients: number;
  readonly completed: boolean;
  readonly accepted: number;
  /** Refused by the last run, which reads the whole source again. */
  readonly rejected: number;
}

/** A time in which what a process was doing may have been lost without anybody's fault. */
export interface Excuse {
  /** `kill`: it ended. `stall`: it stood still for longer than a lease. */
  readonly kind: 'kill' | 'stall';
  readonly process: string;
  readonly from: number;
  readonly until: number;
}

/** What was left of a process after `stop()` resolved. */
export interface Shutdown {
  readonly process: string;
  readonly at: number;
  readonly timers: number;
  readonly sockets: number;
  /** Ids of messages still leased to it. */
  readonly leases: readonly string[];
}

/** A change of a message that the store took, with the epoch it was guarded by and the one that it met. */
export interface GuardedWrite {
  readonly messageId: string;
  readonly at: number;
  readonly guard: number;
  readonly found: number;
}

/** Something kept, and where. */
export interface KeptText {
  readonly where: string;
  readonly text: string;
}

/** What a channel was set to. */
export interface ChannelPolicy {
  readonly channel: string;
  readonly unknown: 'retry' | 'hold';
  readonly attempts: number;
}

/** What the store held at the end. */
export interface FinalRows {
  /** Numbers of scopes by what they stand for. */
  readonly scopes: readonly (Scope & { readonly id: number })[];
  readonly notifications: readonly NotificationRow[];
  readonly messages: readonly MessageRow[];
  readonly contents: readonly ContentRow[];
  readonly contacts: readonly ContactFacts[];
  readonly suppressions: readonly SuppressionRow[];
  readonly idempotency: readonly IdempotencyRow[];
  readonly broadcasts: readonly BroadcastRow[];
}

/** A history in which nothing happened. */
export const emptyHistory: History = {
  sends: [],
  calls: [],
  stops: [],
  broadcasts: [],
  excuses: [],
  shutdowns: [],
  channels: [],
  rows: {
    scopes: [],
    notifications: [],
    messages: [],
    contents: [],
    contacts: [],
    suppressions: [],
    idempotency: [],
    broadcasts: [],
  },
  quiet: true,
};
