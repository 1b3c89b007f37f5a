import type { Pruned, PruneRequest } from '@tidings/core/spec';
import { type RawBuilder, sql } from 'kysely';
import { change } from './commit.ts';
import type { Context } from './context.ts';
import { type Place, readPlaces, writePlaces } from './prune-places.ts';
import { giveAll, inputsOf } from './read-statements.ts';
import { forgottenAfterMs } from './registry.ts';
import { decodeId, decodeText } from './rows.ts';
import { ask, type Cell, type Query, type RawRow, type Script } from './statement.ts';
import { columnOf, type Table, tables } from './tables.ts';

type Keys = readonly (readonly Cell[])[];

/** One chunk of one kind of row: where the next one goes on, null when there is none. */
interface Chunk {
  readonly contents: number;
  readonly notifications: number;
  readonly messages: number;
  readonly next: Place | null;
}

const nothing: Chunk = { contents: 0, notifications: 0, messages: 0, next: null };

/**
 * Removes what has been kept long enough: for each kind of row a short transaction of its own, that looks at up to `limit`
 * rows along an index and removes by key those that may go. Whoever removes the same rows at once finds them gone.
 */
export async function prune(context: Context, request: PruneRequest): Promise<Pruned> {
  const { contentsOlderMs, finishedOlderMs, limit } = request;
  const { keys: fromKey = 0, contents: fromContent, ended: fromEnded } = readPlaces(request.cursor ?? null);
  const keys =
    fromKey === null ? { removed: 0, next: null } : await change(context, () => pruneExpired(context, fromKey, limit));
  const contents =
    contentsOlderMs === null || fromContent === null
      ? nothing
      : await change(context, () => pruneContents(context, contentsOlderMs, fromContent, limit));
  const ended =
    finishedOlderMs === null || fromEnded === null
      ? nothing
      : await change(context, () => pruneEnded(context, finishedOlderMs, fromEnded, limit));
  const cursor = writePlaces({ keys: keys.next, contents: contents.next, ended: ended.next });
  return {
    contents: contents.contents + ended.contents,
    notifications: ended.notifications,
    messages: ended.messages,
    idempotency: keys.removed,
    done: cursor === null,
    cursor,
  };
}

/** Expired keys, all of which go; and what is over of the small tables. */
function* pruneExpired(
  context: Context,
  from: number,
  limit: number,
): Script<{ readonly removed: number; readonly next: number | null }> {
  const { dialect } = context;
  const { idempotency, lanes, processes } = tables;
  const now = yield* nowOf(context);
  const [answer] = yield* ask([
    expiredKeys(context, now, from, limit),
    { statement: removeUntil(context, lanes, 'paused_until'), rows: [[now]] },
    { statement: removeUntil(context, processes, 'beat_at'), rows: [[now - forgottenAfterMs]] },
  ]);
  const rows = answer?.rows ?? [];
  const keys = rows.map((raw): readonly Cell[] => [
    Number(raw.scope),
    decodeText(raw.event),
    decodeText(raw.request_key),
    now,
  ]);
  // a key that somebody has taken anew meanwhile is not expired
  const statement = dialect.remove({
    table: idempotency,
    inputs: inputsOf(idempotency, ...idempotency.key, 'expires_at'),
    match: (input, old) => [
      ...idempotency.key.map((name) => `${old(name)} = ${input(name)}`),
      `${old('expires_at')} <= ${input('expires_at')}`,
    ],
  });
  const next = rows.length < limit ? null : Number(rows.at(-1)?.at);
  return { removed: yield* removed(statement, keys), next };
}

/** Contents of messages that will not be attempted again. */
function* pruneContents(context: Context, olderMs: number, from: Place | undefined, limit: number): Script<Chunk> {
  const now = yield* nowOf(context);
  const [answer] = yield* ask([oldContents(context, now - olderMs, from, limit)]);
  const found = answer?.rows ?? [];
  const old = keysOf(found);
  if (old.length === 0) return nothing;
  const [open] = yield* ask([{ statement: openMessages(context, 'id'), rows: old }]);
  const keys = without(old, keysOf(open?.rows));
  const contents = yield* removeByKey(context, tables.contents, keys);
  return { ...nothing, contents, next: nextPlace(found, limit) };
}

/** Notifications with nothing of theirs open, and of no broadcast that may be resumed. */
function* pruneEnded(context: Context, olderMs: number, from: Place | undefined, limit: number): Script<Chunk> {
  const { messages, notifications, contents } = tables;
  const until = (yield* nowOf(context)) - olderMs;
  const [answer] = yield* ask([endedNotifications(context, until, from, limit)]);
  const found = answer?.rows ?? [];
  const old = keysOf(found);
  if (old.length === 0) return nothing;
  const [open, going] = yield* ask([
    { statement: openMessages(context, 'notification_id'), rows: old },
    { statement: goingBroadcasts(context), rows: broadcastsOf(found, until) },
  ]);
  const kept = new Set((going?.rows ?? []).map((raw) => `${Number(raw.scope)} ${decodeText(raw.id)}`));
  const resumable = found.filter(
    (raw) => raw.broadcast !== null && kept.has(`${Number(raw.scope)} ${decodeText(raw.broadcast)}`),
  );
  const ended = without(old, [...keysOf(open?.rows), ...keysOf(resumable)]);
  const next = nextPlace(found, limit);
  if (ended.length === 0) return { ...nothing, next };
  const [theirs] = yield* ask([{ statement: context.reads.lockedMessagesOf, rows: ended }]);
  const messageKeys = keysOf(theirs?.rows);
  return {
    contents: yield* removeByKey(context, contents, messageKeys),
    messages: yield* removeByKey(context, messages, messageKeys),
    notifications: yield* removeByKey(context, notifications, ended),
    next,
  };
}

/** Idempotency keys that have expired, oldest first. */
export function expiredKeys(context: Context, now: number, from: number, limit: number): Query {
  const { idempotency } = tables;
  const given = giveAll(context.dialect, { ...idempotency, columns: keyColumns(idempotency) }, 't').join(', ');
  return built(
    context,
    sql`SELECT ${sql.raw(given)}, t.expires_at AS at FROM ${named(context, idempotency)} t WHERE t.expires_at <= ${now} AND t.expires_at >= ${from} ORDER BY t.expires_at LIMIT ${sql.lit(limit)}`,
  );
}

/** Contents written by then, oldest first, behind a place. */
export function oldContents(context: Context, until: number, from: Place | undefined, limit: number): Query {
  const { contents } = tables;
  return built(
    context,
    sql`SELECT t.created_at AS at, t.scope AS scope, t.message_id AS id FROM ${named(context, contents)} t WHERE ${range(context, contents, 'created_at', until, from)} ORDER BY t.created_at, t.scope, t.message_id LIMIT ${sql.lit(limit)}`,
  );
}

/** Notifications that had ended by then, oldest first, behind a place. */
export function endedNotifications(context: Context, until: number, from: Place | undefined, limit: number): Query {
  const { notifications } = tables;
  const broadcast = sql.raw(context.dialect.read(columnOf(notifications, 'broadcast_id'), 't.broadcast_id'));
  return built(
    context,
    sql`SELECT t.completed_at AS at, t.scope AS scope, t.id AS id, ${broadcast} AS broadcast FROM ${named(context, notifications)} t WHERE ${range(context, notifications, 'completed_at', until, from)} ORDER BY t.completed_at, t.scope, t.id LIMIT ${sql.lit(limit)}`,
  );
}

/** From a place on, exclusive. The first bound is the one an index is entered by, on every database. */
function range(
  context: Context,
  table: Table,
  time: string,
  until: number,
  from: Place | undefined,
): RawBuilder<unknown> {
  const at = sql.ref(`t.${time}`);
  if (!from) return sql`${at} <= ${until}`;
  const [after, scope, id] = from;
  const name = table.key[1] as string;
  const last = sql`${context.dialect.param(columnOf(table, name), id)}`;
  return sql`${at} <= ${until} AND ${at} >= ${after} AND (${at} > ${after} OR t.scope > ${scope} OR (t.scope = ${scope} AND ${sql.ref(`t.${name}`)} > ${last}))`;
}

/**
 * Those of these messages, or of the messages of these notifications, that may be attempted again. The sum keeps the planner
 * from the index of open messages, which looks empty to it as long as its figures are from a quiet time.
 */
export function openMessages({ dialect }: Pick<Context, 'dialect'>, by: 'id' | 'notification_id'): Query['statement'] {
  const { messages } = tables;
  const scope = by === 'id' ? 't.scope' : dialect.aside('t.scope');
  return dialect.select({
    inputs: inputsOf(messages, 'scope', by),
    give: () => ['t.scope AS scope', `t.${by} AS id`],
    from: (input) => [
      {
        table: `${dialect.table(messages)} t`,
        on: [`t.${by} = ${input(by)}`, `${scope} = ${input('scope')}`, 't.status + 0 = 0'],
      },
    ],
  });
}

/** Those of these broadcasts that were not completed by then. */
function goingBroadcasts({ dialect }: Pick<Context, 'dialect'>): Query['statement'] {
  const { broadcasts } = tables;
  return dialect.select({
    inputs: inputsOf(broadcasts, 'scope', 'id', 'completed_at'),
    give: () => ['t.scope AS scope', `${dialect.read(columnOf(broadcasts, 'id'), 't.id')} AS id`],
    from: (input) => [
      {
        table: `${dialect.table(broadcasts)} t`,
        on: [
          `t.scope = ${input('scope')}`,
          `t.id = ${input('id')}`,
          `(t.completed_at IS NULL OR t.completed_at > ${input('completed_at')})`,
        ],
      },
    ],
  });
}

function broadcastsOf(rows: readonly RawRow[], until: number): Keys {
  const named = new Map<string, readonly Cell[]>();
  for (const { scope, broadcast } of rows) {
    if (broadcast === null) continue;
    const id = decodeText(broadcast);
    named.set(`${Number(scope)} ${id}`, [Number(scope), id, until]);
  }
  return [...named.values()];
}

function without(keys: Keys, others: Keys): Keys {
  const gone = new Set(others.map((key) => key.join(' ')));
  return keys.filter((key) => !gone.has(key.join(' ')));
}

/** Behind the last row that was looked at; null: there was no more. */
function nextPlace(rows: readonly RawRow[], limit: number): Place | null {
  const last = rows.at(-1);
  if (!last || rows.length < limit) return null;
  return [Number(last.at), Number(last.scope), decodeId(last.id)];
}

function* nowOf({ clock }: Context): Script<number> {
  if (typeof clock === 'function') return clock();
  const [answer] = yield* ask([clock]);
  return Number(answer?.rows[0]?.now);
}

function keysOf(rows: readonly RawRow[] = []): Keys {
  return rows.map((raw) => [Number(raw.scope), decodeId(raw.id)]);
}

function keyColumns(table: Table): Table['columns'] {
  return table.key.map((name) => columnOf(table, name));
}

function removeByKey(context: Context, table: Table, keys: Keys): Script<number> {
  const statement = context.dialect.remove({
    table,
    inputs: inputsOf(table, ...table.key),
    match: (input, old) => table.key.map((name) => `${old(name)} = ${input(name)}`),
  });
  return removed(statement, keys);
}

/** In the order of their keys, as everybody locks rows. */
function* removed(statement: Query['statement'], keys: Keys): Script<number> {
  if (keys.length === 0) return 0;
  const order = ([scope, ...rest]: readonly Cell[]): string => `${String(scope).padStart(12, '0')} ${rest.join(' ')}`;
  const rows = [...keys].sort((a, b) => (order(a) < order(b) ? -1 : 1));
  const [answer] = yield* ask([{ statement, rows }]);
  return answer?.changes ?? 0;
}

function removeUntil(context: Context, table: Table, column: string): Query['statement'] {
  return context.dialect.remove({
    table,
    inputs: inputsOf(table, column),
    match: (input, old) => [`${old(column)} <= ${input(column)}`],
  });
}

function named(context: Context, table: Table): RawBuilder<unknown> {
  return sql.raw(context.dialect.table(table));
}

function built({ dialect }: Context, text: RawBuilder<unknown>): Query {
  const { sql: compiled, parameters } = text.compile(dialect.builder);
  return dialect.once(compiled, parameters as never);
}
