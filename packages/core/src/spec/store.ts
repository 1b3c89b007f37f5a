import type { MessageStatus, NotificationStatus, TimelineEntry } from './lifecycle.ts';
import type { ContactQuery, MessageQuery, NotificationQuery, Page, SuppressionQuery } from './page.ts';
import type {
  BroadcastRow,
  ContactRow,
  ContentRow,
  IdempotencyRow,
  IdentifierRow,
  MessageRow,
  NotificationRow,
  SuppressionRow,
} from './rows.ts';
import type { Mode, RowKey, Scope, ScopeId } from './scope.ts';

/**
 * Keeps everything: the one source of truth. It reads, guards and writes; **what** to write is decided by a pure
 * function of core that it calls inside its transaction.
 *
 * `Tx` is what a host may pass as `transaction`; `never`: this store joins none.
 */
export interface Store<in Tx = never> {
  /** The version of this interface. */
  readonly specVersion: 1;
  readonly capabilities: StoreCapabilities;
  /** Creates or upgrades the tables. Runs at first start too; concurrently and twice without harm. */
  migrate(): Promise<void>;
  /** The number that stands for a tenant and mode; made on first use. */
  scope(tenant: string, mode: Mode): Promise<ScopeId>;
  /** What a scope stands for; throws `NOT_FOUND` for a number it never gave. */
  scopeOf(scope: ScopeId): Promise<Scope>;
  /** The value kept under `key`; `proposed` is stored when there is none. Who comes first wins, for good. */
  remember(key: string, proposed: string): Promise<string>;
  /**
   * One atomic read–decide–write, the only way rows change. Reads what `work.reads` names, calls `work.decide`, and
   * either reads `more` and asks again or writes and commits. All of it happens or nothing does.
   *
   * **Races.** Every update and insert is guarded: a contact by `version`, a notification by `version`, a message by
   * `epoch`, an insert by its unique keys. When a guard fails the transaction is undone and run again from the read, so
   * the loser decides on what the winner wrote; after `work.attempts` it throws `STORE_CONFLICT`. Deadlocks,
   * serialisation failures and a busy database are run again whole as well, within the store's budget (`STORE_BUSY`). A
   * value the database will not take throws `STORE_REFUSED`.
   *
   * With `transaction` everything happens in the host's transaction. It is run again from the read only while nothing was
   * written yet; after that, and for whatever the database reports, it throws `STORE_CONFLICT` or `STORE_BUSY` with
   * `retryable`, for the host to run its transaction again. Of what failed nothing stays in the transaction. It waits for no
   * gate, and it never commits, rolls back or changes the session.
   */
  commit<R>(work: Work<R>, options?: CommitOptions<Tx>): Promise<R>;
  /**
   * Begins a transaction of the kind that `commit` joins, runs `run` in it and commits; rolls back when it throws. Left out:
   * the store begins none for others.
   */
  transaction?<R>(run: (transaction: unknown) => Promise<R>): Promise<R>;
  /** Reads without writing: what {@link Reads} names, as committed. */
  load(reads: Reads): Promise<Facts>;
  /**
   * Leases due messages: raises `epoch`, sets the lease, returns what a delivery needs. Of two claimers exactly one gets
   * a row; locked rows are skipped, never waited for. Within a lane the lower priority number comes first, then the
   * earlier `dueAt`. A paused lane gives nothing. A row whose lease lapsed comes back with `lapsed: true`.
   */
  claim(request: ClaimRequest): Promise<Claim>;
  /**
   * Makes leases last `leaseMs` from the store's now, where the epoch is still theirs and the lease is set; the epoch stays.
   * A lease that lapsed and that nobody took is still its holder's. Of a renewal and a claim exactly one gets the row; a
   * locked row is skipped, never waited for.
   */
  renew(leases: readonly HeldLease[], leaseMs: number): Promise<Renewal>;
  /** Says that a worker process lives; returns how many did so within `ttlMs`, itself included. */
  beat(process: string, ttlMs: number): Promise<number>;
  listContacts(query: ContactQuery): Promise<Page<ContactFacts>>;
  /** With `transaction`: as that sees it. */
  listNotifications(query: NotificationQuery, options?: CommitOptions<Tx>): Promise<Page<NotificationRow>>;
  /** With `transaction`: as that sees it. */
  listMessages(query: MessageQuery, options?: CommitOptions<Tx>): Promise<Page<MessageRow>>;
  listSuppressions(query: SuppressionQuery): Promise<Page<SuppressionRow>>;
  /**
   * Removes what is left of a person, at most `limit` rows a call, until `done`: contents, payloads, addresses and words
   * on messages, addresses and notes of suppressions (their hashes stay), then the contact itself. Of a timeline only
   * {@link ErasedTimelineField}s stay. Epochs and versions rise. Notifications that have not ended are left alone with their
   * messages, and it is not done before they were stopped and erased too.
   */
  erase(contact: RowKey, limit: number): Promise<{ readonly done: boolean }>;
  /**
   * Removes what has been kept long enough, looking at no more than `limit` rows of each kind a call, until `done`; short,
   * and behind no gate. What is old enough and must stay is looked at and passed: the next call goes on behind it, at the
   * `cursor` that this one gave. A cursor of another store, or none of any, throws `VALIDATION_ERROR`.
   *
   * - Contents kept for longer than `contentsOlderMs`, but for messages still `queued`.
   * - Notifications that ended longer than `finishedOlderMs` ago, with their messages and contents, unless one of these is
   *   still `queued`. Those of a broadcast stay as long as it may be resumed: until it was completed that long ago.
   * - Idempotency keys that have expired, pauses of lanes that are over, processes not heard of for a day.
   *
   * Never a suppression, a contact or a broadcast. Of two callers at once each row is removed by one.
   */
  prune(request: PruneRequest): Promise<Pruned>;
  /** Ends what the store itself opened. Twice is once. A pool or handle of the host stays open. */
  close(): Promise<void>;
}

/** What a store can do; core asks these and never its name. */
export interface StoreCapabilities {
  /** Rows outlive the process. Default: true. */
  readonly durable: boolean;
  /** Several processes may work on it at once. */
  readonly shared: boolean;
  /** Commits worth having in flight at once: 1 where there is a single writer. */
  readonly concurrentCommits: number;
  /** Commits run on this process's own thread, so batches are kept short enough not to block it. */
  readonly blocking: boolean;
  /** `commit` joins a transaction of the host's. Default: false. */
  readonly transactions?: boolean;
}

/** Options of one commit. */
export type CommitOptions<Tx> = [Tx] extends [never] ? { readonly transaction?: never } : { readonly transaction?: Tx };

/** One read–decide–write. */
export interface Work<R> {
  /** For telemetry, and for a store that has a shorter way to the same result. */
  readonly kind: 'accept' | 'settle' | 'contacts' | 'suppressions' | 'broadcast' | 'cancel' | 'feedback';
  readonly reads: Reads;
  /** Runs of the transaction before `STORE_CONFLICT`. Default: 10. */
  readonly attempts?: number;
  /**
   * False: when a row that somebody else keeps locked is in the way, throw `STORE_BUSY` with `details: { lock: 'row' }` at
   * once instead of waiting out the store's budget, so that a batch can be split. Default: true.
   */
  readonly patient?: boolean;
  /** Pure and synchronous: no clock, no I/O, the same answer for the same facts. May be called several times. */
  decide(facts: Facts): Decision<R>;
}

/** What core makes of the facts. `more` asks for further reads, added to the facts at the next call. */
export type Decision<R> =
  | { readonly writes: Writes; readonly result: R; readonly more?: undefined }
  | { readonly more: Reads };

/** What to read. Everything left out is empty. Duplicates are allowed. */
export interface Reads {
  /** Contacts that own any of these identifiers. */
  readonly identifiers?: readonly IdentifierKey[];
  /** Contacts by id. */
  readonly contacts?: readonly RowKey[];
  /** Unexpired keys only. */
  readonly idempotency?: readonly IdempotencyKey[];
  /** All suppressions under a hash. The hashes of every contact read are looked up without being asked for. */
  readonly suppressions?: readonly SuppressionHash[];
  /** Notifications with all their messages. */
  readonly notifications?: readonly RowKey[];
  /** Messages alone. */
  readonly messages?: readonly RowKey[];
  readonly contents?: readonly RowKey[];
  readonly broadcasts?: readonly RowKey[];
  /** Which recipients of a broadcast there are already. */
  readonly recipients?: readonly RecipientKey[];
  /** Lock the notifications and messages read (in this order, by id), so that guards on them cannot fail. */
  readonly lock?: boolean;
}

/** Unique key of an identifier. */
export type IdentifierKey = Pick<IdentifierRow, 'scope' | 'kind' | 'value'>;
/** Unique key of an idempotency row. */
export type IdempotencyKey = Pick<IdempotencyRow, 'scope' | 'event' | 'key'>;
/** What suppressions are looked up by. */
export type SuppressionHash = Pick<SuppressionRow, 'scope' | 'hash'>;
/** Unique key of a suppression. */
export type SuppressionKey = Pick<SuppressionRow, 'scope' | 'hash' | 'channel'>;
/** Unique key of a recipient of a broadcast. */
export interface RecipientKey {
  readonly scope: ScopeId;
  readonly broadcastId: string;
  readonly key: string;
}

/** What was read, at one moment of the transaction. Order is not defined; core indexes. */
export interface Facts {
  /** The store's time, the same all through the transaction. */
  readonly now: number;
  readonly contacts: readonly ContactFacts[];
  readonly idempotency: readonly IdempotencyRow[];
  readonly suppressions: readonly SuppressionRow[];
  readonly notifications: readonly NotificationRow[];
  /** Messages of the notifications read, and those asked for alone. */
  readonly messages: readonly MessageRow[];
  readonly contents: readonly ContentRow[];
  readonly broadcasts: readonly BroadcastRow[];
  readonly recipients: readonly (RecipientKey & { readonly notificationId: string })[];
}

/** A contact with all its identifiers. */
export interface ContactFacts {
  readonly row: ContactRow;
  readonly identifiers: readonly IdentifierRow[];
}

/**
 * What to write, in bulk and in this order. All times are offsets in ms from `Facts.now` (0: now). Each array may mix
 * scopes; no row appears twice in one array.
 */
export interface Writes {
  readonly notifications?: {
    readonly insert?: readonly NewNotification[];
    readonly update?: readonly NotificationUpdate[];
  };
  readonly messages?: { readonly insert?: readonly NewMessage[]; readonly update?: readonly MessageUpdate[] };
  /** The first content of a message stays. */
  readonly contents?: readonly ContentRow[];
  /** An expired row of that key is replaced; a live one is a conflict. */
  readonly idempotency?: readonly NewIdempotency[];
  readonly suppressions?: {
    /** Inserts; an existing one keeps its `createdAt` and gets the new reason, source, note and address. */
    readonly put?: readonly Omit<SuppressionRow, 'createdAt'>[];
    readonly remove?: readonly SuppressionKey[];
  };
  readonly broadcasts?: readonly BroadcastWrite[];
  /** Gives nothing from these lanes, in any process, until the time given; the later time stays. */
  readonly lanes?: readonly { readonly lane: string; readonly pauseIn: number }[];
  readonly contacts?: { readonly insert?: readonly NewContact[]; readonly update?: readonly ContactUpdate[] };
  readonly identifiers?: {
    /** Removed first: rows of that key that still belong to `contactId`. */
    readonly remove?: readonly (IdentifierKey & { readonly contactId: string })[];
    /** A conflict when the key exists. */
    readonly insert?: readonly IdentifierRow[];
    /** Belongs to `contactId` from now on, whoever had it; inserted when new. */
    readonly move?: readonly IdentifierRow[];
  };
}

/** A contact to insert; version 1. */
export type NewContact = Omit<ContactRow, 'version' | 'createdAt' | 'updatedAt'>;

/** A contact to change, if its version is still `version`; it becomes `version + 1`. */
export type ContactUpdate = Omit<ContactRow, 'createdAt' | 'updatedAt'>;

/** A notification to insert; version 1. */
export type NewNotification = Omit<
  NotificationRow,
  'version' | 'dueAt' | 'leaseUntil' | 'createdAt' | 'completedAt' | 'expiresAt'
> & {
  readonly dueIn: number | null;
  readonly expiresIn: number | null;
  /** True: `completedAt` is now. */
  readonly completed: boolean;
};

/** A notification to change, if its version is still `version`; it becomes `version + 1`. All fields replace. */
export interface NotificationUpdate extends RowKey {
  readonly version: number;
  readonly status: NotificationStatus;
  readonly completed: boolean;
  readonly cursors: string | null;
  readonly openSteps: number;
  readonly dueIn: number | null;
  readonly leaseIn: number | null;
  readonly errorCode: string | null;
  readonly error: string | null;
}

/** A message to insert; epoch 1. */
export type NewMessage = Omit<
  MessageRow,
  | 'epoch'
  | 'attempts'
  | 'dueAt'
  | 'leaseUntil'
  | 'callingAt'
  | 'provider'
  | 'providerId'
  | 'timeline'
  | 'sequence'
  | 'createdAt'
  | 'sentAt'
  | 'deliveredAt'
  | 'openedAt'
  | 'clickedAt'
  | 'expiresAt'
> & {
  /** Null: not to be claimed. With `leaseIn` it is ignored: a leased row is due when its lease lapses. */
  readonly dueIn: number | null;
  /** Set: leased to the accepting process. */
  readonly leaseIn: number | null;
  readonly expiresIn: number | null;
  readonly timeline: readonly TimelineEntry[];
};

/** A message to change, if its epoch is still `epoch`; it becomes `epoch + 1`. */
export interface MessageUpdate extends RowKey {
  readonly epoch: number;
  readonly status: MessageStatus;
  readonly attempts: number;
  readonly lane: string;
  /** Null: not to be claimed any more. */
  readonly dueIn: number | null;
  /** True: `callingAt` is now; false: it becomes null. */
  readonly calling: boolean;
  /** Set: the lease goes on for so long, and `dueIn` is ignored; null: it ends. */
  readonly leaseIn: number | null;
  readonly provider: string | null;
  readonly providerId: string | null;
  readonly reason: MessageRow['reason'];
  readonly errorCode: string | null;
  readonly error: string | null;
  readonly language: string | null;
  /** Set now where still null; the first time stays. */
  readonly reached: readonly ('sent' | 'delivered' | 'opened' | 'clicked')[];
  /** Appended. */
  readonly timeline: readonly TimelineEntry[];
}

/** A result to keep for `expiresIn` ms. */
export type NewIdempotency = Omit<IdempotencyRow, 'expiresAt'> & { readonly expiresIn: number };

/** Inserts a broadcast or adds to it: `accepted` and `rejected` are added, cursor and status replaced. */
export type BroadcastWrite = Omit<BroadcastRow, 'createdAt' | 'completedAt'>;

/** Which due messages to lease. */
export interface ClaimRequest {
  /** Room in each lane this process serves. */
  readonly lanes: readonly { readonly lane: string; readonly limit: number }[];
  readonly leaseMs: number;
  /** Also take, up to this many, rows of lanes not named in `known` that have been due for longer than `strandedMs`. */
  readonly stranded?: { readonly known: readonly string[]; readonly strandedMs: number; readonly limit: number };
}

/** What a claim gave. */
export interface Claim {
  readonly now: number;
  readonly messages: readonly ClaimedMessage[];
  /** When the next row of these lanes falls due, as ms from `now`; null: none is waiting. */
  readonly nextDueIn: number | null;
  /** Lanes that are paused, and for how long yet. */
  readonly paused: readonly { readonly lane: string; readonly pauseIn: number }[];
}

/** A lease, as its holder knows it. */
export interface HeldLease extends RowKey {
  readonly epoch: number;
}

/** What became of leases that were to be renewed. Those in neither list were. */
export interface Renewal {
  /** No longer their holder's: taken, settled, cancelled or erased since. */
  readonly lost: readonly HeldLease[];
  /** Locked by somebody else just now: neither renewed nor known to be lost. */
  readonly skipped: readonly HeldLease[];
}

/** A leased message with what its delivery needs. */
export interface ClaimedMessage {
  /** As it is now: epoch raised, leased. */
  readonly message: MessageRow;
  /** The lease before this one lapsed: its holder may have called. */
  readonly lapsed: boolean;
  readonly notification: NotificationRow;
  /** How many messages its notification has. */
  readonly siblings: number;
  readonly contact: ContactFacts | null;
  /** What an earlier attempt rendered. */
  readonly content: string | null;
}

/** What to remove. */
export interface PruneRequest {
  /** In ms; null: none. */
  readonly contentsOlderMs: number | null;
  /** In ms; null: none. */
  readonly finishedOlderMs: number | null;
  /** Rows to look at, of each kind. The messages of a notification go with it. */
  readonly limit: number;
  /** Where the call before this one ended. Default: null, from the oldest on. */
  readonly cursor?: string | null;
}

/** How many rows were removed. */
export interface Pruned {
  readonly contents: number;
  readonly notifications: number;
  readonly messages: number;
  readonly idempotency: number;
  /** False: there may be more, behind `cursor`. */
  readonly done: boolean;
  /** For the next call; null when done. */
  readonly cursor: string | null;
}
