import type {
  BroadcastWrite,
  ContactUpdate,
  ContentRow,
  IdentifierRow,
  MessageUpdate,
  NewContact,
  NewIdempotency,
  NewMessage,
  NewNotification,
  NotificationUpdate,
  SuppressionKey,
  SuppressionRow,
  TimelineEntry,
} from '@tidings/core/spec';
import { checkLength } from './cells.ts';
import type { Dialect, Insert, Update } from './dialects/dialect.ts';
import { inputsOf } from './read-statements.ts';
import type { Cell, Statement } from './statement.ts';
import { columnOf, type Table, tables } from './tables.ts';

/** Column → what of a row goes there, given the store's time. */
type Fields<Row> = Readonly<Record<string, (row: Row, now: number) => unknown>>;

/** A statement with the way a row becomes its input. */
export interface Writer<Row> {
  readonly statement: Statement;
  /** How many of the first cells are the key: rows are written in its order. */
  readonly key: number;
  cells(row: Row, now: number): readonly Cell[];
}

/** A lane and how long it stays paused. */
export interface LanePause {
  readonly lane: string;
  readonly pauseIn: number;
}

/** The fixed statements behind `Writes`. */
export interface WriteStatements {
  readonly insertNotification: Writer<NewNotification>;
  readonly updateNotification: Writer<NotificationUpdate>;
  readonly insertMessage: Writer<NewMessage>;
  readonly updateMessage: Writer<MessageUpdate>;
  readonly insertContent: Writer<ContentRow>;
  /** Null where putting replaces them by itself. */
  readonly removeExpired: Writer<NewIdempotency> | null;
  readonly putIdempotency: Writer<NewIdempotency>;
  readonly putSuppression: Writer<Omit<SuppressionRow, 'createdAt'>>;
  readonly removeSuppression: Writer<SuppressionKey>;
  readonly putBroadcast: Writer<BroadcastWrite>;
  readonly pauseLane: Writer<LanePause>;
  readonly insertContact: Writer<NewContact>;
  readonly updateContact: Writer<ContactUpdate>;
  readonly removeIdentifier: Writer<Pick<IdentifierRow, 'scope' | 'kind' | 'value' | 'contactId'>>;
  /** Whoever owns it. */
  readonly freeIdentifier: Writer<Pick<IdentifierRow, 'scope' | 'kind' | 'value'>>;
  readonly insertIdentifier: Writer<IdentifierRow>;
}

const after = (now: number, offset: number | null): number | null => (offset === null ? null : now + offset);

function lines(entries: readonly TimelineEntry[], now: number): string {
  let text = '';
  for (const entry of entries)
    text += `${JSON.stringify({ at: now, ...entry, ...('at' in entry ? { at: now } : null) })}\n`;
  return text;
}

/** Only push tokens may be as long as their column. */
function identifierValue({ kind, value }: IdentifierRow): string {
  return kind === 'pushToken' ? value : checkLength(columnOf(tables.identifiers, 'value'), value, 255);
}

/** Fields that are written as they are given, by the names of their columns. */
function as<Row>(properties: readonly (keyof Row & string)[]): Fields<Row> {
  const columnName = (property: string): string => property.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return Object.fromEntries(properties.map((property) => [columnName(property), (row: Row) => row[property]]));
}

/** Compiles them for a dialect. */
export function writeStatements(dialect: Dialect): WriteStatements {
  const { notifications, messages, contents, idempotency, suppressions, broadcasts, lanes, contacts, identifiers } =
    tables;

  function writer<Row>(fields: Fields<Row>, key: number, statement: Statement): Writer<Row> {
    const makers = Object.values(fields);
    return { statement, key, cells: (row, now) => makers.map((make) => make(row, now) as Cell) };
  }
  function insert<Row>(table: Table, fields: Fields<Row>, more: Omit<Insert, 'table' | 'columns'> = {}): Writer<Row> {
    return writer(fields, table.key.length, dialect.insert({ table, columns: Object.keys(fields), ...more }));
  }
  function update<Row>(table: Table, fields: Fields<Row>, guard: string, set: Update['set']): Writer<Row> {
    const statement = dialect.update({
      table,
      inputs: inputsOf(table, ...Object.keys(fields)),
      match: (input, old) => [...table.key, guard].map((name) => `${old(name)} = ${input(name)}`),
      set,
      guard: true,
    });
    return writer(fields, table.key.length, statement);
  }
  function remove<Row>(table: Table, fields: Fields<Row>, expiry?: string): Writer<Row> {
    const statement = dialect.remove({
      table,
      inputs: inputsOf(table, ...Object.keys(fields)),
      match: (input, old) =>
        Object.keys(fields).map((name) => `${old(name)} ${name === expiry ? '<=' : '='} ${input(name)}`),
    });
    return writer(fields, table.key.length, statement);
  }
  const keep =
    (...names: readonly string[]) =>
    (input: (name: string) => string): Record<string, string> =>
      Object.fromEntries(names.map((name) => [name, input(name)]));

  const idempotencyKey: Fields<NewIdempotency> = {
    scope: (row) => row.scope,
    event: (row) => row.event,
    request_key: (row) => row.key,
  };

  return {
    insertNotification: insert<NewNotification>(
      notifications,
      {
        ...as<NewNotification>(['scope', 'id', 'event', 'contactId', 'status', 'category', 'language', 'payload']),
        ...as<NewNotification>(['options', 'cursors', 'openSteps', 'broadcastId', 'recipientKey', 'activeKey']),
        ...as<NewNotification>(['traceparent', 'requestId', 'errorCode', 'error']),
        due_at: (row, now) => after(now, row.dueIn),
        created_at: (_, now) => now,
        completed_at: (row, now) => (row.completed ? now : null),
        expires_at: (row, now) => after(now, row.expiresIn),
      },
      { fixed: { version: '1' } },
    ),
    updateNotification: update<NotificationUpdate>(
      notifications,
      {
        ...as<NotificationUpdate>(['scope', 'id', 'version', 'status', 'cursors', 'openSteps', 'errorCode', 'error']),
        due_at: (row, now) => after(now, row.dueIn),
        lease_until: (row, now) => after(now, row.leaseIn),
        completed_at: (row, now) => (row.completed ? now : null),
      },
      'version',
      (input, old) => ({
        version: `${input('version')} + 1`,
        ...keep('status', 'cursors', 'open_steps', 'error_code', 'error', 'due_at', 'lease_until')(input),
        // its key is free again once it has ended
        active_key: `CASE WHEN ${input('completed_at')} IS NULL THEN ${old('active_key')} END`,
        completed_at: `CASE WHEN ${input('completed_at')} IS NOT NULL THEN COALESCE(${old('completed_at')}, ${input('completed_at')}) END`,
      }),
    ),
    insertMessage: insert<NewMessage>(
      messages,
      {
        ...as<NewMessage>(['scope', 'id', 'notificationId', 'contactId', 'event', 'step', 'channel', 'lane']),
        ...as<NewMessage>(['priority', 'address', 'addressHash', 'status', 'reason', 'errorCode', 'error', 'language']),
        ...as<NewMessage>(['routing']),
        due_at: (row, now) => after(now, row.leaseIn ?? row.dueIn),
        lease_until: (row, now) => after(now, row.leaseIn),
        timeline: (row, now) => lines(row.timeline, now),
        created_at: (_, now) => now,
        expires_at: (row, now) => after(now, row.expiresIn),
      },
      { fixed: { epoch: '1', attempts: '0', sequence: '0' } },
    ),
    updateMessage: update<MessageUpdate>(
      messages,
      {
        ...as<MessageUpdate>(['scope', 'id', 'epoch', 'status', 'attempts', 'lane', 'provider', 'providerId']),
        ...as<MessageUpdate>(['reason', 'errorCode', 'error', 'language']),
        due_at: (row, now) => after(now, row.leaseIn ?? row.dueIn),
        lease_until: (row, now) => after(now, row.leaseIn),
        calling_at: (row, now) => (row.calling ? now : null),
        timeline: (row, now) => lines(row.timeline, now),
        sent_at: (row, now) => (row.reached.includes('sent') ? now : null),
        delivered_at: (row, now) => (row.reached.includes('delivered') ? now : null),
        opened_at: (row, now) => (row.reached.includes('opened') ? now : null),
        clicked_at: (row, now) => (row.reached.includes('clicked') ? now : null),
      },
      'epoch',
      (input, old) => {
        const first = (name: string): string => `COALESCE(${old(name)}, ${input(name)})`;
        return {
          epoch: `${input('epoch')} + 1`,
          ...keep('status', 'attempts', 'lane', 'provider', 'provider_id', 'reason', 'error_code', 'error')(input),
          ...keep('language', 'due_at', 'lease_until', 'calling_at')(input),
          timeline: dialect.concat(old('timeline'), input('timeline')),
          sent_at: first('sent_at'),
          delivered_at: first('delivered_at'),
          opened_at: first('opened_at'),
          clicked_at: first('clicked_at'),
        };
      },
    ),
    insertContent: insert<ContentRow>(
      contents,
      { ...as<ContentRow>(['scope', 'messageId', 'content']), created_at: (_, now) => now },
      { existing: 'keep' },
    ),
    removeExpired: dialect.countsUpserts
      ? null
      : remove<NewIdempotency>(idempotency, { ...idempotencyKey, expires_at: (_, now) => now }, 'expires_at'),
    putIdempotency: insert<NewIdempotency>(
      idempotency,
      {
        ...idempotencyKey,
        fingerprint: (row) => row.fingerprint,
        result: (row) => row.result,
        expires_at: (row, now) => now + row.expiresIn,
        // says when it was written, and so what had expired by then
        created_at: (_, now) => now,
      },
      dialect.countsUpserts
        ? {
            existing: {
              set: keep('fingerprint', 'result', 'expires_at', 'created_at'),
              where: (fresh, old) => `${old('expires_at')} <= ${fresh('created_at')}`,
            },
          }
        : {},
    ),
    putSuppression: insert<Omit<SuppressionRow, 'createdAt'>>(
      suppressions,
      {
        ...as<Omit<SuppressionRow, 'createdAt'>>(['scope', 'hash', 'channel', 'reason', 'address', 'source', 'note']),
        created_at: (_, now) => now,
      },
      { existing: { set: keep('reason', 'address', 'source', 'note') } },
    ),
    removeSuppression: remove<SuppressionKey>(suppressions, as(['scope', 'hash', 'channel'])),
    putBroadcast: insert<BroadcastWrite>(
      broadcasts,
      {
        ...as<BroadcastWrite>(['scope', 'id', 'event', 'status', 'accepted', 'rejected']),
        source_cursor: (row) => row.cursor,
        created_at: (_, now) => now,
        completed_at: (row, now) => (row.status === 'completed' ? now : null),
      },
      {
        existing: {
          set: (fresh, old) => ({
            source_cursor: fresh('source_cursor'),
            status: fresh('status'),
            accepted: `${old('accepted')} + ${fresh('accepted')}`,
            rejected: `${old('rejected')} + ${fresh('rejected')}`,
            completed_at: `CASE WHEN ${fresh('completed_at')} IS NOT NULL THEN COALESCE(${old('completed_at')}, ${fresh('completed_at')}) END`,
          }),
        },
      },
    ),
    pauseLane: insert<LanePause>(
      lanes,
      { lane: (row) => row.lane, paused_until: (row, now) => now + row.pauseIn },
      {
        existing: {
          set: (fresh, old) => ({ paused_until: dialect.greatest(old('paused_until'), fresh('paused_until')) }),
        },
      },
    ),
    insertContact: insert<NewContact>(
      contacts,
      { ...as<NewContact>(['scope', 'id', 'data', 'name']), created_at: (_, now) => now, updated_at: (_, now) => now },
      { fixed: { version: '1' } },
    ),
    updateContact: update<ContactUpdate>(
      contacts,
      { ...as<ContactUpdate>(['scope', 'id', 'version', 'data', 'name']), updated_at: (_, now) => now },
      'version',
      (input) => ({ version: `${input('version')} + 1`, ...keep('data', 'name', 'updated_at')(input) }),
    ),
    removeIdentifier: remove(identifiers, as<IdentifierRow>(['scope', 'kind', 'value', 'contactId'])),
    freeIdentifier: remove(identifiers, as<IdentifierRow>(['scope', 'kind', 'value'])),
    // its contact was there when it was read, or is one of this transaction: otherwise it was erased meanwhile
    insertIdentifier: insert<IdentifierRow>(
      identifiers,
      { ...as<IdentifierRow>(['scope', 'kind', 'value', 'contactId', 'hash']), value: identifierValue },
      {
        where: (input) =>
          `EXISTS (SELECT 1 FROM ${dialect.table(contacts)} c WHERE c.scope = ${input('scope')} AND c.id = ${input('contact_id')})`,
      },
    ),
  };
}
