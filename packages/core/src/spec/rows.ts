import type { MessageStatus, NotificationStatus, SuppressionReason, TimelineEntry } from './lifecycle.ts';
import type { Priority } from './queue.ts';
import type { RowKey, ScopeId } from './scope.ts';

// What a store keeps. Times are integer milliseconds UTC by the store's own clock. `string` columns said to be JSON are
// opaque to the store: it returns them as they were given.

/** A recipient. Addresses in normal form are its {@link IdentifierRow}s. */
export interface ContactRow extends RowKey {
  /** Rises with every change; guards updates. */
  readonly version: number;
  /** JSON of the contact's fields, as given. */
  readonly data: string;
  /** Lower-cased full name, for search by prefix; null when there is none. At most 255 bytes. */
  readonly name: string | null;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** Leads from an identifier to its contact: unique by (scope, kind, value), compared byte by byte. */
export interface IdentifierRow {
  readonly scope: ScopeId;
  /** `externalId`, `email`, `phone`, `slack`, `telegram`, `discord`, `pushToken` or a custom channel's address field. */
  readonly kind: string;
  /** In normal form; at most 255 bytes, push tokens 512. */
  readonly value: string;
  readonly contactId: string;
  /** HMAC of kind and value under the current secret, 32 bytes: what suppressions are looked up by. */
  readonly hash: Uint8Array;
}

/** One event for one contact: one run of its sequence. */
export interface NotificationRow extends RowKey {
  readonly event: string;
  /** Null when it goes to an address without a contact, and after erasure. */
  readonly contactId: string | null;
  readonly status: NotificationStatus;
  /** Rises with every change; guards updates. */
  readonly version: number;
  readonly category: string;
  /** The language asked for; null: the contact's. */
  readonly language: string | null;
  /** JSON; `{}` after erasure. */
  readonly payload: string;
  /** JSON of forced channel, overrides, sender; null when none. */
  readonly options: string | null;
  /** JSON of the positions in the sequence; null for a single send step. */
  readonly cursors: string | null;
  readonly openSteps: number;
  readonly dueAt: number | null;
  readonly leaseUntil: number | null;
  readonly broadcastId: string | null;
  /** Unique with (scope, broadcastId). */
  readonly recipientKey: string | null;
  /** Unique in its scope while set: one running notification for that key. */
  readonly activeKey: string | null;
  readonly traceparent: string | null;
  readonly requestId: string | null;
  readonly errorCode: string | null;
  readonly error: string | null;
  readonly createdAt: number;
  readonly completedAt: number | null;
  readonly expiresAt: number | null;
}

/** One notification on one channel, to one address. */
export interface MessageRow extends RowKey {
  readonly notificationId: string;
  readonly contactId: string | null;
  readonly event: string;
  /** The send step it belongs to. */
  readonly step: string;
  readonly channel: string;
  /** Where it waits: the name of the adapter that will be called. */
  readonly lane: string;
  readonly priority: Priority;
  /** As the contact gave it; null when there is none to send to, and after erasure. */
  readonly address: string | null;
  /** HMAC as in {@link IdentifierRow.hash}; null without an address. */
  readonly addressHash: Uint8Array | null;
  readonly status: MessageStatus;
  /** Rises with every claim and every change; guards them. */
  readonly epoch: number;
  /** Calls of an adapter begun so far. */
  readonly attempts: number;
  /** When it may be claimed; while leased, when the lease lapses; null: never. */
  readonly dueAt: number | null;
  readonly leaseUntil: number | null;
  /** Set before the call where at most once is asked for. */
  readonly callingAt: number | null;
  /** Adapter of the last attempt. */
  readonly provider: string | null;
  /** The provider's id from the last accepted attempt; indexed with `provider`. */
  readonly providerId: string | null;
  /** Why it is suppressed. */
  readonly reason: SuppressionReason | null;
  readonly errorCode: string | null;
  readonly error: string | null;
  /** The language chosen; null before rendering. */
  readonly language: string | null;
  /** JSON of the routing decision. */
  readonly routing: string | null;
  /** Oldest first. */
  readonly timeline: readonly StoredTimelineEntry[];
  /** Number of the last webhook about it. */
  readonly sequence: number;
  readonly createdAt: number;
  readonly sentAt: number | null;
  readonly deliveredAt: number | null;
  readonly openedAt: number | null;
  readonly clickedAt: number | null;
  readonly expiresAt: number | null;
}

/** A timeline entry with the store's time. */
export interface StoredTimelineEntry extends TimelineEntry {
  readonly at: number;
}

/** What was rendered, as JSON; written once, by the first attempt. */
export interface ContentRow {
  readonly scope: ScopeId;
  readonly messageId: string;
  readonly content: string;
}

/** The result of an accepted request under its key. */
export interface IdempotencyRow {
  readonly scope: ScopeId;
  readonly event: string;
  readonly key: string;
  /** HMAC of the canonical request, 32 bytes. */
  readonly fingerprint: Uint8Array;
  /** JSON of the result, with a format version. */
  readonly result: string;
  readonly expiresAt: number;
}

/** An address we must not send to. Unique by (scope, hash, channel). */
export interface SuppressionRow {
  readonly scope: ScopeId;
  readonly hash: Uint8Array;
  /** The channel it concerns; `*`: every channel that uses the address. */
  readonly channel: string;
  readonly reason: SuppressionReason;
  /** Plain, for people who manage the list; null after erasure. */
  readonly address: string | null;
  /** Where it came from: `api`, an adapter's name, … */
  readonly source: string;
  readonly note: string | null;
  readonly createdAt: number;
}

/** Progress of a broadcast. */
export interface BroadcastRow {
  readonly scope: ScopeId;
  /** The host's own id. At most 255 bytes. */
  readonly id: string;
  readonly event: string;
  /** Where a resumable source goes on; JSON, opaque. */
  readonly cursor: string | null;
  readonly status: 'running' | 'completed';
  readonly accepted: number;
  readonly rejected: number;
  readonly createdAt: number;
  readonly completedAt: number | null;
}
