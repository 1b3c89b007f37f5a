/** Where a notification (one run of its sequence) stands. */
export type NotificationStatus = 'running' | 'waiting' | 'completed' | 'failed' | 'stopped';

/** Where a message stands. */
export type MessageStatus =
  | 'queued'
  | 'sent'
  | 'delivered'
  | 'failed'
  | 'suppressed'
  | 'bounced'
  | 'complained'
  | 'cancelled'
  | 'unknown';

/** Why an address must not be sent to. `manual` is the host's own decision. */
export type SuppressionReason = 'bounced' | 'complained' | 'unsubscribed' | 'invalid' | 'manual';

/** One line of a message's timeline. Never holds an address. */
export interface TimelineEntry {
  /** `accepted`, `suppressed`, `attempt`, `sent`, `retry`, `failed`, `cancelled`, … */
  readonly event: string;
  readonly attempt?: number;
  readonly adapter?: string;
  readonly outcome?: string;
  readonly code?: string;
  readonly reason?: string;
  readonly providerId?: string;
  /** Wait before the next attempt, in ms. */
  readonly delayMs?: number;
  /** Anything else worth showing. */
  readonly [more: string]: unknown;
}

/** What an erasure leaves of an entry of a timeline: nothing that a provider or a host put into words. */
export type ErasedTimelineField =
  | 'at'
  | 'event'
  | 'attempt'
  | 'adapter'
  | 'outcome'
  | 'code'
  | 'channel'
  | 'field'
  | 'delayMs';
