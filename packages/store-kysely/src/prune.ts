import type { Pruned, PruneRequest } from '@tidings/core/spec';
import { type RawBuilder, sql } from 'kysely';
import { change } from './commit.ts';
import type { Context } from './context.ts';
import { giveAll, inputsOf } from './read-statements.ts';
import { forgottenAfterMs } from './registry.ts';
import { decodeId, decodeText } from './rows.ts';
import { ask, type Cell, type Query, type RawRow, type Script } from './statement.ts';
import { columnOf, type Table, tables } from './tables.ts';

type Keys = readonly (readonly Cell[])[];

/**
 * Removes what has been kept long enough: for each kind of row a short transaction of its own, that finds up to `limit`
 * rows along an index and removes them by key. Whoever removes the same rows at once finds them gone.
 */
export async function prune(context: Context, request: PruneRequest): Promise<Pruned> {
  const { contentsOlderMs, finishedOlderMs, limit } = request;
  const idempotency = await change(context, () => pruneExpired(context, limit));
  const contents =
    contentsOlderMs === null ? 0 : await change(context, () => pruneContents(context, contentsOlderMs, limit));
  const ended =
    finishedOlderMs === null
      ? { notifications: 0, messages: 0, contents: 0 }
      : await change(context, () => pruneEnded(context, finishedOlderMs, limit));
  return {
    ...ended,
    contents: contents + ended.contents,
    idempotency,
    done: idempotency < limit && contents < limit && ended.notifications < limit,
  };
}

/** Expired keys; and what is over of the small tables. */
function* pruneExpired(context: Context, limit: number): Script<number> {
  const { dialect } = context;
  const { idempotency, lanes, processes } = tables;
  const now = yield* nowOf(context);
  const [answer] = yield* ask([
    expiredKeys(context, now, limit),
    { statement: removeUntil(context, lanes, 'paused_until'), rows: [[now]] },
    { statement: removeUntil(context, processes, 'beat_at'), rows: [[now - forgottenAfterMs]] },
  ]);
  const keys = (answer?.rows ?? []).map((raw): readonly Cell[] => [
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
  return yield* removed(statement, keys);
}

function* pruneContents(context: Context, olderMs: number, limit: number): Script<number> {
  const now = yield* nowOf(context);
  const [answer] = yield* ask([oldContents(context, now - olderMs, limit)]);
  return yield* removeByKey(context, tables.contents, keysOf(answer?.rows, 'message_id'));
}

function* pruneEnded(
  context: Context,
  olderMs: number,
  limit: number,
): Script<{ notifications: number; messages: number; contents: number }> {
  const { messages, notifications, contents } = tables;
  const now = yield* nowOf(context);
  const [answer] = yield* ask([endedNotifications(context, now - olderMs, limit)]);
  const ended = keysOf(answer?.rows, 'id');
  if (ended.length === 0) return { notifications: 0, messages: 0, contents: 0 };
  const [theirs] = yield* ask([{ statement: context.reads.lockedMessagesOf, rows: ended }]);
  const messageKeys = keysOf(theirs?.rows, 'id');
  return {
    contents: yield* removeByKey(context, contents, messageKeys),
    messages: yield* removeByKey(context, messages, messageKeys),
    notifications: yield* removeByKey(context, notifications, ended),
  };
}

/** Idempotency keys that have expired, oldest first. */
export function expiredKeys(context: Context, now: number, limit: number): Query {
  const { idempotency } = tables;
  const given = giveAll(context.dialect, { ...idempotency, columns: keyColumns(idempotency) }, 't').join(', ');
  return built(
    context,
    sql`SELECT ${sql.raw(given)} FROM ${named(context, idempotency)} t WHERE t.expires_at <= ${now} ORDER BY t.expires_at LIMIT ${sql.lit(limit)}`,
  );
}

/** Contents written by then, but for messages that may be attempted again. */
export function oldContents(context: Context, until: number, limit: number): Query {
  const { contents, messages } = tables;
  return built(
    context,
    sql`SELECT t.scope AS scope, t.message_id AS message_id FROM ${named(context, contents)} t WHERE t.created_at <= ${until} AND NOT EXISTS (SELECT 1 FROM ${named(context, messages)} m WHERE m.scope = t.scope AND m.id = t.message_id AND m.status = 0) ORDER BY t.created_at LIMIT ${sql.lit(limit)}`,
  );
}

/** Notifications that had ended by then, with nothing of theirs open, and of no broadcast that may be resumed. */
export function endedNotifications(context: Context, until: number, limit: number): Query {
  const { notifications, messages, broadcasts } = tables;
  const scope = sql.raw(context.dialect.aside('m.scope'));
  return built(
    context,
    sql`SELECT t.scope AS scope, t.id AS id FROM ${named(context, notifications)} t WHERE t.completed_at <= ${until} AND NOT EXISTS (SELECT 1 FROM ${named(context, messages)} m WHERE m.notification_id = t.id AND ${scope} = t.scope AND m.status = 0) AND NOT EXISTS (SELECT 1 FROM ${named(context, broadcasts)} b WHERE b.scope = t.scope AND b.id = t.broadcast_id AND (b.completed_at IS NULL OR b.completed_at > ${until})) ORDER BY t.completed_at LIMIT ${sql.lit(limit)}`,
  );
}

function* nowOf({ clock }: Context): Script<number> {
  if (typeof clock === 'function') return clock();
  const [answer] = yield* ask([clock]);
  return Number(answer?.rows[0]?.now);
}

function keysOf(rows: readonly RawRow[] = [], id: string): Keys {
  return rows.map((raw) => [Number(raw.scope), decodeId(raw[id])]);
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
