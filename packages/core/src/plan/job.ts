import type {
  ContactFacts,
  MessageRow,
  NotificationRow,
  Scope,
  SuppressionReason,
  TimelineEntry,
} from '../spec/index.ts';

/** A leased message on its way through delivery, with what was read of it. */
export interface Job {
  readonly scope: Scope;
  readonly message: Pick<
    MessageRow,
    | 'scope'
    | 'id'
    | 'notificationId'
    | 'event'
    | 'step'
    | 'channel'
    | 'lane'
    | 'priority'
    | 'address'
    | 'addressHash'
    | 'status'
    | 'epoch'
    | 'attempts'
    | 'callingAt'
    | 'provider'
    | 'providerId'
    | 'reason'
    | 'language'
    | 'expiresAt'
  >;
  readonly run: Pick<
    NotificationRow,
    | 'scope'
    | 'id'
    | 'event'
    | 'version'
    | 'status'
    | 'cursors'
    | 'openSteps'
    | 'category'
    | 'language'
    | 'payload'
    | 'options'
  >;
  readonly contact: ContactFacts | null;
  /** What happened to it so far, oldest first: with whom it was tried. */
  readonly timeline: readonly TimelineEntry[];
  /** Messages of the same notification, this one included. */
  readonly siblings: number;
  /** What an earlier attempt rendered, as JSON. */
  readonly content: string | null;
  /** The lease before lapsed: its holder may have called. */
  readonly lapsed: boolean;
  /** What has suppressed its address since it was accepted; null: nothing. */
  readonly suppressed: SuppressionReason | null;
  /** When the message was accepted, by the store's time. */
  readonly createdAt: number;
  /** The store's time at the lease. */
  readonly leasedAt: number;
  /** When the lease ends, on this process's monotonic clock. */
  readonly leaseEnds: number;
}
