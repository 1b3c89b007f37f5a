import type { MessageStatus, NotificationStatus, SuppressionReason } from '@tidings/core/spec';

// The tables as data: migrations, statements and row decoding all come from here.

/** How a column is kept; each dialect maps it to a type of its own. */
export type ColumnType =
  | 'scope'
  | 'count'
  | 'time'
  | 'small'
  /** A UUID. */
  | 'id'
  /** A string compared byte by byte, at most 255 bytes. */
  | 'key'
  /** Likewise, at most 512 bytes. */
  | 'token'
  | 'text'
  | 'hash'
  /** One JSON object a line. */
  | 'timeline';

/** One column. */
export interface Column {
  readonly name: string;
  readonly property: string;
  readonly type: ColumnType;
  readonly nullable: boolean;
  /** For the store's own use; no row of the spec has it. */
  readonly hidden?: boolean;
  /** The words a small number stands for; their order is kept for good. */
  readonly codes?: readonly string[];
  /** The version that added it; it is nullable. Default: 1. */
  readonly since?: number;
}

/**
 * An index. Only keys and partial indexes begin with the scope: while a table is young, a planner without figures takes
 * any index that does for as good as the right one, and keeps to it. `where` is left out on databases without partial
 * indexes.
 */
export interface Index {
  readonly name: string;
  readonly columns: readonly string[];
  readonly unique?: boolean;
  readonly where?: string;
  /** The version that added it. Default: 1. */
  readonly since?: number;
}

/** One table. */
export interface Table {
  readonly name: string;
  readonly columns: readonly Column[];
  readonly key: readonly string[];
  readonly indexes: readonly Index[];
  /** Where `foreignKeys` is asked for: these columns name a row of that table by its key. */
  readonly references?: {
    readonly columns: readonly string[];
    readonly table: 'contacts' | 'notifications' | 'messages';
  };
  /** SQLite: rows too long to be kept in the tree of the key. */
  readonly long?: boolean;
  /** The key is a number the database gives. */
  readonly numbered?: boolean;
}

const notificationStatuses: readonly NotificationStatus[] = ['running', 'waiting', 'completed', 'failed', 'stopped'];
const messageStatuses: readonly MessageStatus[] = [
  'queued',
  'sent',
  'delivered',
  'failed',
  'suppressed',
  'bounced',
  'complained',
  'cancelled',
  'unknown',
];
const reasons: readonly SuppressionReason[] = ['bounced', 'complained', 'unsubscribed', 'invalid', 'manual'];
const broadcastStatuses = ['running', 'completed'] as const;
const modes = ['live', 'test'] as const;

const column = (property: string, type: ColumnType, more: Partial<Column> = {}): Column => ({
  name: property.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
  property,
  type,
  nullable: false,
  ...more,
});
const nullable = (property: string, type: ColumnType, more: Partial<Column> = {}): Column =>
  column(property, type, { nullable: true, ...more });

const scope = column('scope', 'scope');
const id = column('id', 'id');

type TableName =
  | 'scopes'
  | 'settings'
  | 'processes'
  | 'lanes'
  | 'contacts'
  | 'identifiers'
  | 'notifications'
  | 'messages'
  | 'contents'
  | 'idempotency'
  | 'suppressions'
  | 'broadcasts';

export const tables: Readonly<Record<TableName, Table>> = {
  scopes: {
    name: 'scopes',
    columns: [column('id', 'scope'), column('tenant', 'key'), column('mode', 'small', { codes: modes })],
    key: ['id'],
    numbered: true,
    indexes: [{ name: 'tenant', columns: ['tenant', 'mode'], unique: true }],
  },
  settings: {
    name: 'settings',
    columns: [column('name', 'key'), column('value', 'text')],
    key: ['name'],
    indexes: [],
  },
  processes: {
    name: 'processes',
    columns: [column('name', 'key'), column('beatAt', 'time')],
    key: ['name'],
    indexes: [],
  },
  lanes: {
    name: 'lanes',
    columns: [column('lane', 'key'), column('pausedUntil', 'time')],
    key: ['lane'],
    indexes: [],
  },
  contacts: {
    name: 'contacts',
    columns: [
      scope,
      id,
      column('version', 'count'),
      column('data', 'text'),
      nullable('name', 'key'),
      column('createdAt', 'time'),
      column('updatedAt', 'time'),
    ],
    key: ['scope', 'id'],
    indexes: [{ name: 'name', columns: ['scope', 'name'], where: 'name IS NOT NULL' }],
  },
  identifiers: {
    name: 'identifiers',
    columns: [
      scope,
      column('kind', 'key'),
      column('value', 'token'),
      column('contactId', 'id'),
      column('hash', 'hash'),
    ],
    key: ['scope', 'kind', 'value'],
    indexes: [{ name: 'contact', columns: ['contact_id', 'scope'] }],
    references: { columns: ['scope', 'contact_id'], table: 'contacts' },
  },
  notifications: {
    name: 'notifications',
    columns: [
      scope,
      id,
      column('event', 'key'),
      nullable('contactId', 'id'),
      column('status', 'small', { codes: notificationStatuses }),
      column('version', 'count'),
      column('category', 'key'),
      nullable('language', 'key'),
      column('payload', 'text'),
      nullable('options', 'text'),
      nullable('cursors', 'text'),
      column('openSteps', 'count'),
      nullable('dueAt', 'time'),
      nullable('leaseUntil', 'time'),
      nullable('broadcastId', 'key'),
      nullable('recipientKey', 'key'),
      nullable('activeKey', 'key'),
      nullable('traceparent', 'key'),
      nullable('requestId', 'key'),
      nullable('errorCode', 'key'),
      nullable('error', 'text'),
      column('createdAt', 'time'),
      nullable('completedAt', 'time'),
      nullable('expiresAt', 'time'),
    ],
    key: ['scope', 'id'],
    indexes: [
      { name: 'contact', columns: ['contact_id', 'scope', 'id'] },
      { name: 'due', columns: ['due_at'], where: 'due_at IS NOT NULL' },
      {
        name: 'recipient',
        columns: ['scope', 'broadcast_id', 'recipient_key'],
        unique: true,
        where: 'broadcast_id IS NOT NULL',
      },
      { name: 'active', columns: ['scope', 'active_key'], unique: true, where: 'active_key IS NOT NULL' },
      { name: 'ended', columns: ['completed_at'], where: 'completed_at IS NOT NULL', since: 2 },
    ],
  },
  messages: {
    name: 'messages',
    columns: [
      scope,
      id,
      column('notificationId', 'id'),
      nullable('contactId', 'id'),
      column('event', 'key'),
      column('step', 'key'),
      column('channel', 'key'),
      column('lane', 'key'),
      column('priority', 'small'),
      nullable('address', 'text'),
      nullable('addressHash', 'hash'),
      column('status', 'small', { codes: messageStatuses }),
      column('epoch', 'count'),
      column('attempts', 'count'),
      nullable('dueAt', 'time'),
      nullable('leaseUntil', 'time'),
      nullable('callingAt', 'time'),
      nullable('provider', 'key'),
      nullable('providerId', 'token'),
      nullable('reason', 'small', { codes: reasons }),
      nullable('errorCode', 'key'),
      nullable('error', 'text'),
      nullable('language', 'key'),
      nullable('routing', 'text'),
      column('timeline', 'timeline'),
      column('sequence', 'count'),
      column('createdAt', 'time'),
      nullable('sentAt', 'time'),
      nullable('deliveredAt', 'time'),
      nullable('openedAt', 'time'),
      nullable('clickedAt', 'time'),
      nullable('expiresAt', 'time'),
    ],
    key: ['scope', 'id'],
    indexes: [
      { name: 'notification', columns: ['notification_id', 'scope'] },
      { name: 'contact', columns: ['contact_id', 'scope', 'id'] },
      // A leased row carries the end of its lease here, so that one index serves both what is due and what lapsed.
      { name: 'due', columns: ['lane', 'priority', 'due_at'], where: 'due_at IS NOT NULL' },
      { name: 'provider', columns: ['provider', 'provider_id'], where: 'provider_id IS NOT NULL' },
      { name: 'address', columns: ['address_hash', 'scope', 'id'], where: 'status = 0' },
    ],
    references: { columns: ['scope', 'notification_id'], table: 'notifications' },
  },
  contents: {
    name: 'contents',
    columns: [
      scope,
      column('messageId', 'id'),
      column('content', 'text'),
      nullable('createdAt', 'time', { hidden: true, since: 2 }),
    ],
    key: ['scope', 'message_id'],
    indexes: [{ name: 'created', columns: ['created_at'], where: 'created_at IS NOT NULL', since: 2 }],
    references: { columns: ['scope', 'message_id'], table: 'messages' },
    long: true,
  },
  idempotency: {
    name: 'idempotency',
    columns: [
      scope,
      column('event', 'key'),
      column('key', 'key', { name: 'request_key' }),
      column('fingerprint', 'hash'),
      column('result', 'text'),
      column('expiresAt', 'time'),
      column('createdAt', 'time', { hidden: true }),
    ],
    key: ['scope', 'event', 'request_key'],
    indexes: [{ name: 'expiry', columns: ['expires_at'] }],
  },
  suppressions: {
    name: 'suppressions',
    columns: [
      scope,
      column('hash', 'hash'),
      column('channel', 'key'),
      column('reason', 'small', { codes: reasons }),
      nullable('address', 'text'),
      column('source', 'key'),
      nullable('note', 'text'),
      column('createdAt', 'time'),
    ],
    key: ['scope', 'hash', 'channel'],
    indexes: [],
  },
  broadcasts: {
    name: 'broadcasts',
    columns: [
      scope,
      column('id', 'key'),
      column('event', 'key'),
      nullable('cursor', 'text', { name: 'source_cursor' }),
      column('status', 'small', { codes: broadcastStatuses }),
      column('accepted', 'count'),
      column('rejected', 'count'),
      column('createdAt', 'time'),
      nullable('completedAt', 'time'),
    ],
    key: ['scope', 'id'],
    indexes: [],
  },
};

/** Every table, in the order they are created. */
export const allTables: readonly Table[] = Object.values(tables);

/** The tables as a version had them. */
export function tablesOf(version: number): readonly Table[] {
  const had = ({ since = 1 }: Column | Index): boolean => since <= version;
  return allTables.map((table) => ({
    ...table,
    columns: table.columns.filter(had),
    indexes: table.indexes.filter(had),
  }));
}

/** A column of a table, which must exist. */
export function columnOf(table: Table, name: string): Column {
  const found = table.columns.find((candidate) => candidate.name === name);
  if (!found) throw new TypeError(`Table ${table.name} has no column ${name}.`);
  return found;
}

/** The foreign key of a table, where there is one. */
export function foreignKeyOf(table: Table, name: (table: Table) => string): string[] {
  if (!table.references) return [];
  const target = tables[table.references.table];
  return [`FOREIGN KEY (${table.references.columns.join(', ')}) REFERENCES ${name(target)} (${target.key.join(', ')})`];
}
