import type { Reads } from '@tidings/core/spec';
import { isId } from './cells.ts';
import type { Context } from './context.ts';
import { FactSet } from './fact-set.ts';
import type { ReadStatements } from './read-statements.ts';
import { ask, type Cell, type Query, type RawRow, type Script, type Statement } from './statement.ts';

interface Planned {
  readonly query: Query;
  add(facts: FactSet, rows: readonly RawRow[]): void;
}

/** One trip for the clock and everything that `reads` names. */
export function* readFirst(context: Context, reads: Reads): Script<FactSet> {
  const planned = plan(context.reads, reads);
  const queries = planned.map(({ query }) => query);
  const clock = context.clock;
  const answers = yield* ask(typeof clock === 'function' ? queries : [clock, ...queries]);
  const facts = new FactSet(typeof clock === 'function' ? clock() : Number(answers[0]?.rows[0]?.now));
  const skip = typeof clock === 'function' ? 0 : 1;
  for (const [index, { add }] of planned.entries()) add(facts, answers[index + skip]?.rows ?? []);
  return facts;
}

/** One trip for everything that `reads` names, added to what is known. */
export function* readMore(context: Pick<Context, 'reads'>, reads: Reads, facts: FactSet): Script<void> {
  const planned = plan(context.reads, reads);
  const answers = yield* ask(planned.map(({ query }) => query));
  for (const [index, { add }] of planned.entries()) add(facts, answers[index]?.rows ?? []);
}

function plan(statements: ReadStatements, reads: Reads): Planned[] {
  const planned: Planned[] = [];
  const lock = reads.lock === true;

  function want(statement: Statement, rows: readonly (readonly Cell[])[], add: Planned['add']): void {
    if (rows.length > 0) planned.push({ query: { statement, rows }, add });
  }
  const contacts: Planned['add'] = (facts, rows) => facts.addContacts(rows);
  const messages: Planned['add'] = (facts, rows) => facts.addMessages(rows);
  const identifierKeys = unique(reads.identifiers, ({ scope, kind, value }) => [scope, kind, value]);
  const contactKeys = unique(reads.contacts, ({ scope, id }) => [scope, id], idAt(1));
  const idempotencyKeys = unique(reads.idempotency, ({ scope, event, key }) => [scope, event, key]);
  const suppressionKeys = unique(reads.suppressions, ({ scope, hash }) => [scope, hash]);
  const notificationKeys = unique(reads.notifications, ({ scope, id }) => [scope, id], idAt(1));
  const messageKeys = unique(reads.messages, ({ scope, id }) => [scope, id], idAt(1));
  const contentKeys = unique(reads.contents, ({ scope, id }) => [scope, id], idAt(1));
  const broadcastKeys = unique(reads.broadcasts, ({ scope, id }) => [scope, id]);
  const recipientKeys = unique(reads.recipients, ({ scope, broadcastId, key }) => [scope, broadcastId, key]);

  want(statements.contactsByIdentifier, identifierKeys, contacts);
  want(statements.contactsById, contactKeys, contacts);
  want(statements.idempotency, idempotencyKeys, (facts, rows) => facts.addIdempotency(rows));
  want(statements.suppressions, suppressionKeys, (facts, rows) => facts.addSuppressions(rows));
  want(lock ? statements.lockedNotifications : statements.notifications, notificationKeys, (facts, rows) =>
    facts.addNotifications(rows),
  );
  want(lock ? statements.lockedMessagesOf : statements.messagesOf, notificationKeys, messages);
  want(lock ? statements.lockedMessages : statements.messages, messageKeys, messages);
  want(statements.contents, contentKeys, (facts, rows) => facts.addContents(rows));
  want(statements.broadcasts, broadcastKeys, (facts, rows) => facts.addBroadcasts(rows));
  want(statements.recipients, recipientKeys, (facts, rows) => facts.addRecipients(rows));
  return planned;
}

/** No row has an id of another form, so nothing is asked for it. */
const idAt =
  (index: number) =>
  (cells: readonly Cell[]): boolean =>
    isId(String(cells[index]));

/** Input rows, each once and in the order of their keys: the order in which rows are locked. */
function unique<Key>(
  keys: readonly Key[] | undefined,
  cells: (key: Key) => readonly Cell[],
  valid: (cells: readonly Cell[]) => boolean = () => true,
): readonly (readonly Cell[])[] {
  if (keys === undefined || keys.length === 0) return [];
  const rows = keys.map(cells).filter(valid);
  if (rows.length < 2) return rows;
  const width = rows[0]?.length ?? 0;
  return sortRows(rows, width).filter(
    (row, index, all) => index === 0 || compareRows(all[index - 1] ?? [], row, width) !== 0,
  );
}

/**
 * By the first cells, their key, so that no two transactions lock the same rows in opposite orders. Most come in order, as
 * their ids rise.
 */
export function sortRows(rows: readonly (readonly Cell[])[], key: number): readonly (readonly Cell[])[] {
  for (let index = 1; index < rows.length; index += 1) {
    if (compareRows(rows[index - 1] ?? [], rows[index] ?? [], key) > 0) {
      return [...rows].sort((a, b) => compareRows(a, b, key));
    }
  }
  return rows;
}

/** As an index would, near enough to give every process the same order; 0 for the same key. */
function compareRows(a: readonly Cell[], b: readonly Cell[], key: number): number {
  for (let index = 0; index < key; index += 1) {
    const order = compareCells(a[index] ?? null, b[index] ?? null);
    if (order !== 0) return order;
  }
  return 0;
}

function compareCells(a: Cell, b: Cell): number {
  if (a === b) return 0;
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b);
  const [one, other] = [String(a ?? ''), String(b ?? '')];
  return one < other ? -1 : one > other ? 1 : 0;
}
