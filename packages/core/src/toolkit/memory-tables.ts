import type {
  BroadcastRow,
  ContactFacts,
  ContactRow,
  IdempotencyRow,
  IdentifierRow,
  MessageRow,
  Mode,
  NotificationRow,
  Scope,
  ScopeId,
  StoredTimelineEntry,
  SuppressionRow,
} from '../spec/index.ts';
import { DueHeap, type DueItem } from './due-heap.ts';
import { type Listed, SortedList } from './sorted-list.ts';

// Rows are never changed in place: an entry keeps its identity and gets another row. So undoing is putting rows back.

export interface ContactEntry extends Listed {
  row: ContactRow;
  readonly identifiers: Map<string, IdentifierRow>;
}

export interface NotificationEntry extends Listed {
  row: NotificationRow;
  readonly messages: MessageEntry[];
}

export interface MessageEntry extends Listed, DueItem {
  row: MessageRow;
  content: string | null;
  /** When the content was written. */
  contentAt: number;
  readonly notification: NotificationEntry;
  /** Where it waits at present. */
  heap: DueHeap<MessageEntry> | undefined;
}

export interface SuppressionEntry extends Listed {
  row: SuppressionRow;
}

/** Everything of one scope: what belongs to another cannot be met. */
export interface ScopeTables {
  readonly contacts: Map<string, ContactEntry>;
  readonly contactList: SortedList<ContactEntry>;
  readonly identifiers: Map<string, IdentifierRow>;
  readonly notifications: Map<string, NotificationEntry>;
  readonly notificationList: SortedList<NotificationEntry>;
  readonly notificationsOf: Map<string, Set<NotificationEntry>>;
  readonly messages: Map<string, MessageEntry>;
  readonly messageList: SortedList<MessageEntry>;
  readonly messagesOf: Map<string, Set<MessageEntry>>;
  readonly idempotency: Map<string, IdempotencyRow>;
  readonly suppressions: Map<string, Map<string, SuppressionEntry>>;
  readonly suppressionList: SortedList<SuppressionEntry>;
  readonly broadcasts: Map<string, BroadcastRow>;
  /** Notification id by broadcast and recipient key. */
  readonly recipients: Map<string, string>;
  /** Notification id by active key. */
  readonly activeKeys: Map<string, string>;
}

/** Where the messages of one lane wait: a heap for each priority. */
export type LaneHeaps = readonly [DueHeap<MessageEntry>, DueHeap<MessageEntry>, DueHeap<MessageEntry>];

/** All that a memory store keeps. */
export class MemoryTables {
  readonly lanes: Map<string, LaneHeaps> = new Map();
  readonly pausedUntil: Map<string, number> = new Map();
  readonly #scopes = new Map<ScopeId, ScopeTables>();
  readonly #scopeIds = new Map<string, ScopeId>();
  readonly #named: Scope[] = [];
  #order = 0;

  /** The number of a tenant and mode. */
  scopeId(tenant: string, mode: Mode): ScopeId {
    const name = pairKey(mode, tenant);
    const known = this.#scopeIds.get(name);
    if (known !== undefined) return known;
    const id = this.#named.push({ tenant, mode });
    this.#scopeIds.set(name, id);
    return id;
  }

  /** What a number stands for. */
  scopeOf(id: ScopeId): Scope | undefined {
    return this.#named[id - 1];
  }

  scope(id: ScopeId): ScopeTables {
    let tables = this.#scopes.get(id);
    if (tables === undefined) {
      tables = emptyScope();
      this.#scopes.set(id, tables);
    }
    return tables;
  }

  /** Those that hold anything. */
  scopes(): Iterable<ScopeTables> {
    return this.#scopes.values();
  }

  /** Rises by one with every message. */
  nextOrder(): number {
    this.#order += 1;
    return this.#order;
  }

  /** Puts a message where its row says it waits. */
  file(entry: MessageEntry): void {
    entry.heap?.remove(entry);
    entry.heap = undefined;
    const { lane, priority, dueAt } = entry.row;
    if (dueAt === null) return;
    let heaps = this.lanes.get(lane);
    if (heaps === undefined) {
      heaps = [new DueHeap(), new DueHeap(), new DueHeap()];
      this.lanes.set(lane, heaps);
    }
    entry.dueAt = dueAt;
    entry.heap = heaps[priority];
    entry.heap.add(entry);
  }
}

function emptyScope(): ScopeTables {
  return {
    contacts: new Map(),
    contactList: new SortedList(),
    identifiers: new Map(),
    notifications: new Map(),
    notificationList: new SortedList(),
    notificationsOf: new Map(),
    messages: new Map(),
    messageList: new SortedList(),
    messagesOf: new Map(),
    idempotency: new Map(),
    suppressions: new Map(),
    suppressionList: new SortedList(),
    broadcasts: new Map(),
    recipients: new Map(),
    activeKeys: new Map(),
  };
}

/** One key of two parts; keys hold no NUL, so two pairs never meet. */
export function pairKey(one: string, other: string): string {
  return `${one}\0${other}`;
}

/** Place in a list ordered by time, then id. */
export function timeKey(at: number, id: string): string {
  return `${String(at).padStart(15, '0')}${id}`;
}

/** A copy that shares nothing with what is kept. */
export function copyContact(entry: ContactEntry): ContactFacts {
  const identifiers: IdentifierRow[] = [];
  for (const identifier of entry.identifiers.values()) identifiers.push(copyHashed(identifier));
  return { row: { ...entry.row }, identifiers };
}

export function copyHashed<Row extends { readonly hash: Uint8Array }>(row: Row): Row {
  return { ...row, hash: new Uint8Array(row.hash) };
}

export function copyMessage(row: MessageRow): MessageRow {
  return {
    ...row,
    addressHash: row.addressHash && new Uint8Array(row.addressHash),
    timeline: row.timeline.map(copyTimelineEntry),
  };
}

/** As JSON would give it back. */
export function copyTimelineEntry<Line extends object>(entry: Line): Line & Partial<StoredTimelineEntry> {
  for (const value of Object.values(entry)) {
    if (typeof value !== 'string' && (typeof value !== 'number' || !Number.isFinite(value))) {
      return JSON.parse(JSON.stringify(entry)) as Line;
    }
  }
  return { ...entry };
}
