import type { EventPlan } from '../plan/plan.ts';
import type { RecipientRequest } from '../rules/recipient.ts';
import type { Mode, Priority, ScopeId, Sender, TidingsError } from '../spec/index.ts';

/** One send, read and validated, ready to be decided on. */
export interface AcceptItem {
  readonly scope: ScopeId;
  readonly mode: Mode;
  readonly tenant: string;
  readonly event: EventPlan;
  readonly recipients: readonly AcceptRecipient[];
  /** An array was given, or listeners: refusals are per recipient. */
  readonly many: boolean;
  /** JSON of the validated payload. */
  readonly payload: string;
  readonly language: string | undefined;
  /** The one channel allowed. */
  readonly forced: string | undefined;
  /** Forced channel, overrides and sender, as JSON to keep; null when none. */
  readonly options: string | null;
  /** Addresses of copies by channel, checked against suppressions. */
  readonly copies: readonly AcceptCopy[];
  readonly from: Sender | undefined;
  /** What each adapter's provider has confirmed of `from`, by adapter name. */
  readonly confirmed: ReadonlyMap<string, readonly Sender[]>;
  readonly priority: Priority;
  readonly expiresMs: number | null;
  readonly onUnroutable: 'throw' | 'record';
  readonly idempotency: AcceptKey | undefined;
  readonly broadcast: AcceptBroadcast | undefined;
  /** The host's, to take part in; undefined: none. */
  readonly transaction?: unknown;
  readonly requestId: string | null;
  readonly traceparent: string | null;
}

/** The idempotency key of a send. */
export interface AcceptKey {
  readonly key: string;
  /** Of the request, under the current secret and then the older ones. */
  readonly fingerprints: readonly Uint8Array[];
  /** How long the result is kept, in ms. */
  readonly keepMs: number;
}

/** One recipient of a send. */
export interface AcceptRecipient {
  /** What was read of `to`, or why it could not be. */
  readonly request: RecipientRequest | { readonly kind: 'refused'; readonly error: TidingsError };
  /** Payload of its own, as JSON; undefined: the item's. */
  readonly payload?: string;
  /** Key within a broadcast; null: none. */
  readonly key: RecipientName | null;
  /** Ids made once, so that deciding again gives the same rows. */
  id(n: number): string;
}

/** What makes a recipient of a broadcast the same one. */
export interface RecipientName {
  /** As the host knows it. */
  readonly plain: string;
  /** As it is kept, hashed since it may be an address: under the current secret, then under the older ones. */
  readonly stored: readonly [string, ...string[]];
}

/** A copy (cc, bcc) of a send. */
export interface AcceptCopy {
  readonly channel: string;
  readonly field: 'cc' | 'bcc';
  readonly address: string;
  readonly hashes: readonly Uint8Array[];
}

/** The chunk of a broadcast that an item is. */
export interface AcceptBroadcast {
  readonly id: string;
  readonly cursor: string | null;
  readonly completed: boolean;
}
