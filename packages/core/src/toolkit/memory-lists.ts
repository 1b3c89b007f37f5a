import {
  type ContactFacts,
  type ContactQuery,
  type MessageQuery,
  type MessageRow,
  type NotificationQuery,
  type NotificationRow,
  type Page,
  type PageQuery,
  type SuppressionQuery,
  type SuppressionRow,
  TidingsError,
} from '../spec/index.ts';
import { copyContact, copyHashed, copyMessage, type MemoryTables } from './memory-tables.ts';
import { hashKey } from './memory-values.ts';
import { type Listed, SortedList } from './sorted-list.ts';

const mostCounted = 10_000;
const mostSkipped = 10_000;
const mostOnPage = 500;

/** Contacts, newest first. */
export function listContacts(tables: MemoryTables, query: ContactQuery): Page<ContactFacts> {
  const search = query.search?.toLowerCase();
  return page(query, {
    list: tables.scope(query.scope).contactList,
    newestFirst: true,
    keep(entry) {
      if (search === undefined || entry.row.name?.startsWith(search)) return true;
      for (const { kind, value } of entry.identifiers.values()) {
        if ((kind === 'email' || kind === 'phone') && value.startsWith(search)) return true;
      }
      return false;
    },
    show: copyContact,
  });
}

/** Notifications, newest first. */
export function listNotifications(tables: MemoryTables, query: NotificationQuery): Page<NotificationRow> {
  const scope = tables.scope(query.scope);
  return page(query, {
    list: ownedBy(query.contactId, scope.notificationsOf) ?? scope.notificationList,
    newestFirst: true,
    keep: ({ row }) => isOne(query.event, row.event) && isAny(query.status, row.status),
    show: ({ row }) => ({ ...row }),
  });
}

/** Messages, newest first. */
export function listMessages(tables: MemoryTables, query: MessageQuery): Page<MessageRow> {
  const scope = tables.scope(query.scope);
  const openTo = query.openTo && hashKey(query.openTo);
  return page(query, {
    list: ownedBy(query.contactId, scope.messagesOf) ?? scope.messageList,
    newestFirst: true,
    keep: ({ row }) =>
      isOne(query.event, row.event) &&
      isOne(query.channel, row.channel) &&
      (openTo === undefined
        ? isAny(query.status, row.status)
        : row.status === 'queued' && row.addressHash !== null && hashKey(row.addressHash) === openTo),
    show: ({ row }) => copyMessage(row),
  });
}

/** Suppressions, by hash. */
export function listSuppressions(tables: MemoryTables, query: SuppressionQuery): Page<SuppressionRow> {
  return page(query, {
    list: tables.scope(query.scope).suppressionList,
    newestFirst: false,
    keep: ({ row }) => isOne(query.channel, row.channel) && isOne(query.reason, row.reason),
    show: ({ row }) => copyHashed(row),
  });
}

interface Listing<Entry extends Listed, Row> {
  readonly list: SortedList<Entry>;
  readonly newestFirst: boolean;
  keep(entry: Entry): boolean;
  show(entry: Entry): Row;
}

function page<Entry extends Listed, Row>(query: PageQuery, of: Listing<Entry, Row>): Page<Row> {
  const { limit } = query;
  if (!Number.isInteger(limit) || limit < 1 || limit > mostOnPage)
    throw wrong('limit', `a whole number from 1 to ${mostOnPage}`);
  let skip = query.offset ?? 0;
  if (!Number.isInteger(skip) || skip < 0 || skip > mostSkipped)
    throw wrong('offset', `a whole number from 0 to ${mostSkipped}`);
  const direction = of.newestFirst ? -1 : 1;
  const start = of.newestFirst ? of.list.size - 1 : 0;
  const found: Entry[] = [];
  let more = false;
  for (let index = afterCursor(query.cursor, of, start); ; index += direction) {
    const entry = of.list.at(index);
    if (index < 0 || entry === undefined) break;
    if (!of.keep(entry)) continue;
    if (skip > 0) skip -= 1;
    else if (found.length < limit) found.push(entry);
    else {
      more = true;
      break;
    }
  }
  const last = found.at(-1);
  const cursor = more && last ? Buffer.from(last.listKey).toString('base64url') : null;
  return { items: found.map((entry) => of.show(entry)), cursor, ...(query.total ? count(of) : {}) };
}

/** Index of the first entry beyond the cursor, whether its own entry is still there or not. */
function afterCursor(cursor: string | undefined, of: Listing<Listed, unknown>, start: number): number {
  if (cursor === undefined) return start;
  const key = Buffer.from(cursor, 'base64url').toString();
  const form = of.newestFirst ? /^\d{15}[0-9a-f-]{36}$/ : /^[0-9a-f]{64}/;
  if (!form.test(key)) throw wrong('cursor', 'the cursor of an earlier page of this list');
  const index = of.list.indexOf(key);
  if (of.newestFirst) return index - 1;
  return of.list.at(index)?.listKey === key ? index + 1 : index;
}

function count(of: Listing<Listed, unknown>): { total: number; totalCapped: boolean } {
  let total = 0;
  for (let index = 0; index < of.list.size; index += 1) {
    const entry = of.list.at(index);
    if (entry === undefined || !of.keep(entry)) continue;
    if (total === mostCounted) return { total, totalCapped: true };
    total += 1;
  }
  return { total, totalCapped: false };
}

function ownedBy<Entry extends Listed>(
  contactId: string | undefined,
  index: ReadonlyMap<string, ReadonlySet<Entry>>,
): SortedList<Entry> | undefined {
  if (contactId === undefined) return undefined;
  const owned = new SortedList<Entry>();
  for (const entry of index.get(contactId) ?? []) owned.add(entry);
  return owned;
}

function isOne(wanted: string | undefined, value: string): boolean {
  return wanted === undefined || wanted === value;
}

function isAny(wanted: readonly string[] | undefined, value: string): boolean {
  return wanted === undefined || wanted.includes(value);
}

function wrong(path: string, form: string): TidingsError {
  return new TidingsError('VALIDATION_ERROR', `${path} must be ${form}.`, { path });
}
