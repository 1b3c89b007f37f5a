import type { RowKey } from '../spec/index.ts';

/** The messages that this process holds, as those see them who stop work. */
export interface Held {
  /**
   * Takes those of these messages back whose call has not begun: from now on none will. Synchronous, so that nothing can
   * begin in between.
   */
  revoke(messages: readonly LeasedRow[]): Revoked;
  /** Resolves when the leases on their way to this process have come, so that `revoke` meets them. */
  arrived(): Promise<void>;
}

/** A leased message, and the epoch it was seen under. */
export interface LeasedRow extends RowKey {
  readonly epoch: number;
}

/** Messages that were taken back. */
export interface Revoked {
  /** The epoch this process held the message under; undefined: it does not hold it, or its call has begun. */
  epochOf(message: RowKey): number | undefined;
  /** Its holder before this process is gone and may have called. */
  lapsed(message: RowKey): boolean;
  /** They were not ended after all: makes them due again, no attempt counted, unless somebody was first. */
  putBack(): void;
}
