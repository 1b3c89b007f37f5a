import type { RowKey } from '@tidings/core/spec';
import { sql } from 'kysely';
import { isId } from './cells.ts';
import { change } from './commit.ts';
import type { Context } from './context.ts';
import type { Scrub } from './dialects/dialect.ts';
import { inputsOf } from './read-statements.ts';
import { rerun } from './rerun.ts';
import { decodeId, decodeRow } from './rows.ts';
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
    inputs: inputsOf(messages, 'scope', 'id'),
    match: byKey(messages),
    set: (_, old) => ({ contact_id: 'NULL', address: 'NULL', epoch: `${old('epoch')} + 1` }),
    guard: true,
  });
  const messageKeys = yield* owned(context, messages, contact, left);
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
      { statement: eraseRows, rows: messageKeys },
    ]);
    left -= messageKeys.length;
  }

  const notificationKeys = left > 0 ? yield* owned(context, notifications, contact, left) : [];
  if (notificationKeys.length > 0) {
    const statement = context.dialect.update({
      table: notifications,
      inputs: inputsOf(notifications, 'scope', 'id'),
      match: byKey(notifications),
      set: (_, old) => ({
        contact_id: 'NULL',
        payload: "'{}'",
        options: 'NULL',
        active_key: 'NULL',
        version: `${old('version')} + 1`,
      }),
      guard: true,
    });
    yield* ask([{ statement, rows: notificationKeys }]);
    left -= notificationKeys.length;
  }
  if (left > 0) left -= yield* eraseSuppressions(context, contact, left);
  if (left > 0) yield* removeContact(context, contact);
  return left > 0;
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

/** Keys of up to `limit` rows of a table that belong to the contact. */
function* owned(context: Context, table: Table, contact: RowKey, limit: number): Script<Keys> {
  const { dialect } = context;
  const text = sql`SELECT t.id AS id FROM ${sql.raw(dialect.table(table))} t WHERE t.scope = ${contact.scope} AND t.contact_id = ${dialect.param(columnOf(table, 'contact_id'), contact.id)} ORDER BY t.id LIMIT ${sql.lit(limit)}`;
  const { sql: compiled, parameters } = text.compile(dialect.builder);
  const [answer] = yield* ask([dialect.once(compiled, parameters as never)]);
  return (answer?.rows ?? []).map((raw) => [contact.scope, decodeId(raw.id)]);
}

const byKey =
  (table: Table) =>
  (input: (name: string) => string, old: (name: string) => string): string[] =>
    table.key.map((name) => `${old(name)} = ${input(name)}`);
