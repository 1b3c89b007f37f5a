import type { MessageStatus, NotificationStatus } from './lifecycle.ts';
import type { SuppressionRow } from './rows.ts';
import type { ScopeId } from './scope.ts';

/** What every list takes. */
export interface PageQuery {
  readonly scope: ScopeId;
  /** 1–500. */
  readonly limit: number;
  /** From the page before. */
  readonly cursor?: string;
  /** Skips rows; for clients without cursors. At most 10,000. */
  readonly offset?: number;
  /** Also count, up to 10,000. Default: false. */
  readonly total?: boolean;
}
/** Contacts, newest first. */
export interface ContactQuery extends PageQuery {
  /** A prefix of the normalised e-mail or phone, or of the lower-cased name. */
  readonly search?: string;
}
/** Notifications, newest first. */
export interface NotificationQuery extends PageQuery {
  readonly event?: string;
  readonly status?: readonly NotificationStatus[];
  readonly contactId?: string;
}
/** Messages, newest first. */
export interface MessageQuery extends PageQuery {
  readonly event?: string;
  readonly channel?: string;
  readonly status?: readonly MessageStatus[];
  readonly contactId?: string;
  /** Only open (`queued`) messages to this address; `status` is then left out. */
  readonly openTo?: Uint8Array;
}
/** Suppressions, by hash. */
export interface SuppressionQuery extends PageQuery {
  readonly channel?: string;
  readonly reason?: SuppressionRow['reason'];
}

/** One page of a list. */
export interface Page<Row> {
  readonly items: readonly Row[];
  /** For the next page; null at the end. Stays valid while rows are added. */
  readonly cursor: string | null;
  /** Where asked for: exact up to 10,000, then 10,000 with `totalCapped`. */
  readonly total?: number;
  readonly totalCapped?: boolean;
}
