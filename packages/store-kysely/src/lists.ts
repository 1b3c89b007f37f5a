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
} from '@tidings/core/spec';
import type { Expression, SelectQueryBuilder, SqlBool } from 'kysely';
import { sql } from 'kysely';
import { isId, isWellFormed } from './cells.ts';
import { snapshot } from './commit.ts';
import type { Context } from './context.ts';
import { FactSet } from './fact-set.ts';
import { giveAll } from './read-statements.ts';
import { decodeRow } from './rows.ts';
import { ask, type Cell, type Param, type Query, type Script } from './statement.ts';
import { columnOf, type Table, tables } from './tables.ts';

const mostCounted = 10_000;
const mostSkipped = 10_000;
const mostOnPage = 500;
/** In bytes, as names and e-mail addresses. */
const longestSearch = 255;

type Rows = SelectQueryBuilder<Record<string, Record<string, unknown>>, string, object>;
type Conditions = readonly Expression<SqlBool>[];

/** Contacts, newest first. */
export async function listContacts(context: Context, query: ContactQuery): Promise<Page<ContactFacts>> {
  const { contacts } = tables;
  const where = [is(context, contacts, 'scope', query.scope), ...(query.search ? [found(context, query)] : [])];
  return list(context, query, contacts, where, newest, function* (rows) {
    const ids = rows.map((row) => [Number(row.scope), decodeRow<{ id: string }>(contacts, row).id]);
    const [answer] = ids.length > 0 ? yield* ask([{ statement: context.reads.contactsById, rows: ids }]) : [];
    const facts = new FactSet(0);
    facts.addContacts(answer?.rows ?? []);
    const byId = new Map(facts.contacts().map((contact) => [contact.row.id, contact]));
    return ids.flatMap(([, id]) => byId.get(String(id)) ?? []);
  });
}

/** Notifications, newest first. */
export async function listNotifications(context: Context, query: NotificationQuery): Promise<Page<NotificationRow>> {
  const { notifications } = tables;
  const where = filters(context, notifications, query, ['event', 'contact_id'], [query.event, query.contactId]);
  if (query.status) where.push(isOneOf(context, notifications, 'status', query.status));
  return list(context, query, notifications, where, newest, decodeAll<NotificationRow>(notifications));
}

/** Messages, newest first. */
export async function listMessages(context: Context, query: MessageQuery): Promise<Page<MessageRow>> {
  const { messages } = tables;
  const { event, channel, contactId, openTo } = query;
  const where = filters(context, messages, query, ['event', 'channel', 'contact_id'], [event, channel, contactId]);
  if (openTo) {
    // written out, so that it is seen to match the index of open messages
    where.push(is(context, messages, 'address_hash', openTo), sql<SqlBool>`t.status = 0`);
  } else if (query.status) where.push(isOneOf(context, messages, 'status', query.status));
  return list(context, query, messages, where, newest, decodeAll<MessageRow>(messages));
}

/** Suppressions, by hash. */
export async function listSuppressions(context: Context, query: SuppressionQuery): Promise<Page<SuppressionRow>> {
  const { suppressions } = tables;
  const where = filters(context, suppressions, query, ['channel', 'reason'], [query.channel, query.reason]);
  return list(context, query, suppressions, where, byHash, decodeAll<SuppressionRow>(suppressions));
}

/** How a list is ordered and how a cursor says where it was. */
interface Order {
  readonly columns: readonly string[];
  readonly descending: boolean;
  /** The cursor's parts, or null when it is none of ours. */
  parse(text: string): readonly Cell[] | null;
  format(row: Readonly<Record<string, unknown>>): string;
}

// ids rise with time
const newest: Order = {
  columns: ['id'],
  descending: true,
  parse: (text) => (isId(text) ? [text] : null),
  format: (row) => String(row.id),
};

const byHash: Order = {
  columns: ['hash', 'channel'],
  descending: false,
  parse(text) {
    const [, hash, channel] = /^([0-9a-f]{64}) (.+)$/s.exec(text) ?? [];
    return hash === undefined || channel === undefined ? null : [Buffer.from(hash, 'hex'), channel];
  },
  format: (row) => `${Buffer.from(row.hash as Uint8Array).toString('hex')} ${String(row.channel)}`,
};

async function list<Row>(
  context: Context,
  query: PageQuery,
  table: Table,
  where: Conditions,
  order: Order,
  show: (rows: readonly Readonly<Record<string, unknown>>[]) => Script<readonly Row[]>,
): Promise<Page<Row>> {
  const limit = whole('limit', query.limit, 1, mostOnPage);
  const offset = whole('offset', query.offset ?? 0, 0, mostSkipped);
  const all = where.reduce<Rows>((rows, condition) => rows.where(condition), from(context, table));
  let page = all.select(sql.raw(giveAll(context.dialect, table, 't').join(', ')) as never);
  if (query.cursor !== undefined) page = page.where(beyond(context, table, order, query.cursor));
  for (const column of order.columns) page = page.orderBy(sql.ref(`t.${column}`), order.descending ? 'desc' : 'asc');
  page = page.limit(sql.lit(limit + 1) as never);
  if (offset > 0) page = page.offset(sql.lit(offset) as never);

  return snapshot(context, function* (): Script<Page<Row>> {
    const queries = [compiled(context, page)];
    if (query.total) {
      const some = all.select(sql.raw('1 AS one') as never).limit(sql.lit(mostCounted + 1) as never);
      queries.push(
        compiled(
          context,
          context.dialect.builder.selectFrom(some.as('c') as never).select(sql.raw('count(*) AS total') as never),
        ),
      );
    }
    const [found, counted] = yield* ask(queries);
    const rows = (found?.rows ?? []).slice(0, limit);
    const items = yield* show(rows);
    yield* ask([], true);
    const last = rows.at(-1);
    const more = (found?.rows.length ?? 0) > limit && last !== undefined;
    const total = Number(counted?.rows[0]?.total ?? 0);
    return {
      items,
      cursor: more ? Buffer.from(order.format(decodeRow(table, last))).toString('base64url') : null,
      ...(query.total ? { total: Math.min(total, mostCounted), totalCapped: total > mostCounted } : {}),
    };
  });
}

function from(context: Context, table: Table): Rows {
  return context.dialect.builder.selectFrom(sql.raw(context.dialect.table(table)).as('t') as never) as never;
}

function compiled(context: Context, query: { compile(): { sql: string; parameters: readonly unknown[] } }): Query {
  const { sql: text, parameters } = query.compile();
  return context.dialect.once(text, parameters as readonly Param[]);
}

function decodeAll<Row>(table: Table): (rows: readonly Readonly<Record<string, unknown>>[]) => Script<readonly Row[]> {
  return function* (rows) {
    return rows.map((row) => decodeRow<Row>(table, row));
  };
}

function filters(
  context: Context,
  table: Table,
  query: PageQuery,
  columns: readonly string[],
  wanted: readonly (string | undefined)[],
): Expression<SqlBool>[] {
  const conditions = [ofScope(context, table, query)];
  for (const [index, name] of columns.entries()) {
    const value = wanted[index];
    if (value === undefined) continue;
    // no row has an id of another form
    if (columnOf(table, name).type === 'id' && !isId(value)) conditions.push(sql<SqlBool>`1 = 0`);
    else conditions.push(is(context, table, name, value));
  }
  return conditions;
}

/** The scope, not to be gone by where something names few rows. */
function ofScope(context: Context, table: Table, query: PageQuery & Partial<MessageQuery>): Expression<SqlBool> {
  if (query.contactId === undefined && query.openTo === undefined) return is(context, table, 'scope', query.scope);
  const column = sql.raw(context.dialect.aside('t.scope'));
  return sql<SqlBool>`${column} = ${context.dialect.param(columnOf(table, 'scope'), query.scope)}`;
}

function is(context: Context, table: Table, name: string, value: Cell): Expression<SqlBool> {
  return sql<SqlBool>`${sql.ref(`t.${name}`)} = ${context.dialect.param(columnOf(table, name), value)}`;
}

function isOneOf(context: Context, table: Table, name: string, values: readonly string[]): Expression<SqlBool> {
  if (values.length === 0) return sql<SqlBool>`1 = 0`;
  const params = values.map((value) => sql`${context.dialect.param(columnOf(table, name), value)}`);
  return sql<SqlBool>`${sql.ref(`t.${name}`)} IN (${sql.join(params)})`;
}

/** Strictly after the cursor, whether its row is still there or not. */
function beyond(context: Context, table: Table, order: Order, cursor: string): Expression<SqlBool> {
  const parts = order.parse(Buffer.from(cursor, 'base64url').toString());
  if (parts === null) throw wrong('cursor', 'the cursor of an earlier page of this list');
  const columns = sql.join(order.columns.map((name) => sql.ref(`t.${name}`)));
  const values = sql.join(
    order.columns.map((name, index) => sql`${context.dialect.param(columnOf(table, name), parts[index] ?? null)}`),
  );
  const comparison = sql.raw(order.descending ? '<' : '>');
  return order.columns.length === 1
    ? sql<SqlBool>`${columns} ${comparison} ${values}`
    : sql<SqlBool>`(${columns}) ${comparison} (${values})`;
}

/** Contacts with an identifier or a name that begins so; ranges, since they are served by an index and need no escaping. */
function found(context: Context, { scope, search }: ContactQuery): Expression<SqlBool> {
  const { contacts, identifiers } = tables;
  const text = (search ?? '').toLowerCase();
  const length = Buffer.byteLength(text);
  // no value is like that, and asking would be refused
  if (length > longestSearch || text.includes('\0') || !isWellFormed(text)) return sql<SqlBool>`1 = 0`;
  // the highest character that there is room for
  const highest = ['\u007f', '\u07ff', '\uffff', '\u{10ffff}'][Math.min(4, longestSearch - length) - 1] ?? '';
  const range = (table: Table, name: string, alias: string): Expression<SqlBool> => {
    const column = columnOf(table, name);
    const beginning = context.dialect.param(column, text);
    if (highest === '') return sql<SqlBool>`${sql.ref(`${alias}.${name}`)} = ${beginning}`;
    const end = context.dialect.param(column, text + highest);
    return sql<SqlBool>`${sql.ref(`${alias}.${name}`)} >= ${beginning} AND ${sql.ref(`${alias}.${name}`)} < ${end}`;
  };
  const owners = (kind: string): Expression<unknown> =>
    sql`SELECT k.contact_id FROM ${sql.raw(context.dialect.table(identifiers))} k WHERE k.scope = ${scope} AND k.kind = ${context.dialect.param(columnOf(identifiers, 'kind'), kind)} AND ${range(identifiers, 'value', 'k')}`;
  const called = sql`SELECT n.id FROM ${sql.raw(context.dialect.table(contacts))} n WHERE n.scope = ${scope} AND ${range(contacts, 'name', 'n')}`;
  return sql<SqlBool>`t.id IN (${owners('email')} UNION ${owners('phone')} UNION ${called})`;
}

function whole(path: string, value: number, least: number, most: number): number {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw wrong(path, `a whole number from ${least} to ${most}`);
  }
  return value;
}

function wrong(path: string, form: string): TidingsError {
  return new TidingsError('VALIDATION_ERROR', `${path} must be ${form}.`, { path });
}
