import type { ErasedTimelineField, RowKey } from '@tidings/core/spec';
import { type RawBuilder, sql } from 'kysely';
import { isId } from './cells.ts';
import { change } from './commit.ts';
import type { Context } from './context.ts';
import type { Scrub } from './dialects/dialect.ts';
import { inputsOf } from './read-statements.ts';
import { rerun } from './rerun.ts';
import { decodeId, decodeRow, decodeText } from './rows.ts';
import { type Answer, ask, Busy, type Cell, type RawRow, type Script } from './statement.ts';
import { columnOf, type Table, tables } from './tables.ts';

type Keys = readonly (readonly Cell[])[];

/**
 * One chunk of an erasure, behind the exclusive gate of the scope. Rows that belong to the contact are those still to be
 * done, since erasing a row takes its contact away. Epochs and versions rise: nobody can go on with such a row.
 */
export async function erase(context: Context, contact: RowKey, limit: number): Promise<{ readonly done: boolean }> {
  if (!isId(contact.id)) return { done: true };
  const { scrub } = context.dialect;
  const begin = { gate: 'exclusive', scopes: [contact.scope] } as const;
  if (scrub === null) return { done: await change(context, () => chunk(context, contact, limit), begin) };

  let found: number | undefined;
  function* scrubbed(to: Scrub): Script<boolean> {
    const say = (text: string): Script<readonly Answer[]> => ask([context.dialect.once(text, [])]);
    const [answer] = yield* say(to.setting);
    found ??= Number(answer?.rows[0]?.secure_delete);
    yield* say(to.set(1));
    const done = yield* chunk(context, contact, limit);
    yield* say(to.set(found));
    return done;
  }
  const done = await change(context, () => scrubbed(scrub), begin);
  if (done) await emptyLog(context, scrub);
  return { done };
}

/** Copies of what was erased stand in the log until nobody reads there any more. */
function emptyLog(context: Context, { checkpoint }: Scrub): Promise<void> {
  const check = ([answer]: readonly RawRow[]): readonly string[] => {
    if (Number(answer?.busy) !== 0) throw new Busy('Somebody still reads from the log.');
    return [];
  };
  return rerun(() => context.driver.sequence(checkpoint, check, []), context.patience());
}

function* chunk(context: Context, contact: RowKey, limit: number): Script<boolean> {
  const { messages, notifications, contents } = tables;
  let left = limit;
  const eraseRows = context.dialect.update({
    table: messages,
    inputs: inputsOf(messages, 'scope', 'id', 'timeline'),
    match: byKey(messages),
    set: (input, old) => ({
      contact_id: 'NULL',
      address: 'NULL',
      error: 'NULL',
      timeline: input('timeline'),
      epoch: `${old('epoch')} + 1`,
    }),
    guard: true,
  });
  const messageRows = yield* ownedMessages(context, contact, left);
  const messageKeys = messageRows.map((cells) => cells.slice(0, 2));
  if (messageKeys.length > 0) {
    yield* ask([
      {
        statement: context.dialect.remove({
          table: contents,
          inputs: inputsOf(contents, 'scope', 'message_id'),
          match: byKey(contents),
        }),
        rows: messageKeys,
      },
      { statement: eraseRows, rows: messageRows },
    ]);
    left -= messageKeys.length;
  }

  const notificationKeys = left > 0 ? yield* ownedNotifications(context, contact, left) : [];
  if (notificationKeys.length > 0) {
    const statement = context.dialect.update({
      table: notifications,
      inputs: inputsOf(notifications, 'scope', 'id'),
      match: byKey(notifications),
      set: (_, old) => ({
        contact_id: 'NULL',
        payload: "'{}'",
        options: 'NULL',
        cursors: 'NULL',
        error: 'NULL',
        active_key: 'NULL',
        version: `${old('version')} + 1`,
      }),
      guard: true,
    });
    yield* ask([{ statement, rows: notificationKeys }]);
    left -= notificationKeys.length;
  }
  if (left > 0) left -= yield* eraseSuppressions(context, contact, left);
  if (left <= 0 || (yield* goesOn(context, contact))) return false;
  yield* removeContact(context, contact);
  return true;
}

function* eraseSuppressions(context: Context, contact: RowKey, limit: number): Script<number> {
  const { suppressions } = tables;
  const [answer] = yield* ask([{ statement: context.reads.contactsById, rows: [[contact.scope, contact.id]] }]);
  const keys = new Map<string, readonly Cell[]>();
  for (const raw of (answer as Answer).rows) {
    if (raw.s_channel === null || (raw.s_address === null && raw.s_note === null)) continue;
    const row = decodeRow<{ scope: number; hash: Uint8Array; channel: string }>(suppressions, raw, 's_');
    keys.set(`${Buffer.from(row.hash).toString('hex')} ${row.channel}`, [row.scope, row.hash, row.channel]);
  }
  const rows = [...keys]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .slice(0, limit)
    .map(([, cells]) => cells);
  if (rows.length > 0) {
    const statement = context.dialect.update({
      table: suppressions,
      inputs: inputsOf(suppressions, 'scope', 'hash', 'channel'),
      match: byKey(suppressions),
      set: () => ({ address: 'NULL', note: 'NULL' }),
      guard: false,
    });
    yield* ask([{ statement, rows }]);
  }
  return rows.length;
}

function* removeContact(context: Context, contact: RowKey): Script<void> {
  const { contacts, identifiers } = tables;
  const inputs = inputsOf(identifiers, 'scope', 'contact_id');
  yield* ask([
    {
      statement: context.dialect.remove({
        table: identifiers,
        inputs,
        match: (input, old) => ['scope', 'contact_id'].map((name) => `${old(name)} = ${input(name)}`),
      }),
      rows: [[contact.scope, contact.id]],
    },
    {
      statement: context.dialect.remove({
        table: contacts,
        inputs: inputsOf(contacts, 'scope', 'id'),
        match: byKey(contacts),
      }),
      rows: [[contact.scope, contact.id]],
    },
  ]);
}

/** Up to `limit` messages of the contact whose notification has ended: their keys, and what may stay of their timelines. */
function* ownedMessages(context: Context, contact: RowKey, limit: number): Script<Keys> {
  const { dialect } = context;
  const { messages, notifications } = tables;
  const timeline = dialect.read(columnOf(messages, 'timeline'), 't.timeline');
  const raws = yield* rowsOf(
    context,
    sql`SELECT t.id AS id, ${sql.raw(timeline)} AS timeline FROM ${table(context, messages)} t WHERE ${owner(context, messages, contact)} AND EXISTS (SELECT 1 FROM ${table(context, notifications)} n WHERE n.scope = t.scope AND n.id = t.notification_id AND n.completed_at IS NOT NULL) ORDER BY t.id LIMIT ${sql.lit(limit)}`,
  );
  return raws.map((raw) => [contact.scope, decodeId(raw.id), withoutWords(decodeText(raw.timeline))]);
}

function* ownedNotifications(context: Context, contact: RowKey, limit: number): Script<Keys> {
  const { notifications } = tables;
  const raws = yield* rowsOf(
    context,
    sql`SELECT t.id AS id FROM ${table(context, notifications)} t WHERE ${owner(context, notifications, contact)} AND t.completed_at IS NOT NULL ORDER BY t.id LIMIT ${sql.lit(limit)}`,
  );
  return raws.map((raw) => [contact.scope, decodeId(raw.id)]);
}

/** Whether a notification of the contact has not ended. */
function* goesOn(context: Context, contact: RowKey): Script<boolean> {
  const { notifications } = tables;
  const raws = yield* rowsOf(
    context,
    sql`SELECT 1 AS one FROM ${table(context, notifications)} t WHERE ${owner(context, notifications, contact)} LIMIT 1`,
  );
  return raws.length > 0;
}

function owner(context: Context, of: Table, { scope, id }: RowKey): RawBuilder<unknown> {
  return sql`t.scope = ${scope} AND t.contact_id = ${context.dialect.param(columnOf(of, 'contact_id'), id)}`;
}

function table(context: Context, of: Table): RawBuilder<unknown> {
  return sql.raw(context.dialect.table(of));
}

function* rowsOf({ dialect }: Context, text: RawBuilder<unknown>): Script<readonly RawRow[]> {
  const { sql: compiled, parameters } = text.compile(dialect.builder);
  const [answer] = yield* ask([dialect.once(compiled, parameters as never)]);
  return answer?.rows ?? [];
}

const keptFields: ReadonlySet<string> = new Set<ErasedTimelineField>([
  ...(['at', 'event', 'attempt', 'adapter', 'outcome', 'code', 'channel', 'field', 'delayMs'] as const),
]);

/** A timeline, one JSON object a line, without what a provider or a host put into words. */
function withoutWords(timeline: string): string {
  return timeline
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const fields = Object.entries(JSON.parse(line) as object).filter(([field]) => keptFields.has(field));
      return `${JSON.stringify(Object.fromEntries(fields))}\n`;
    })
    .join('');
}

const byKey =
  (table: Table) =>
  (input: (name: string) => string, old: (name: string) => string): string[] =>
    table.key.map((name) => `${old(name)} = ${input(name)}`);
