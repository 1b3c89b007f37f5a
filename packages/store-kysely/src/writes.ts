import type { Writes } from '@tidings/core/spec';
import { cellKey } from './reads.ts';
import { ask, type Cell, type Query, type Script } from './statement.ts';
import type { Writer, WriteStatements } from './write-statements.ts';

/** Everything of `writes` in its order, in one trip that may carry the commit. */
export function* write(statements: WriteStatements, writes: Writes, now: number): Script<void> {
  const queries: Query[] = [];

  function add<Row>(writer: Writer<Row>, rows: readonly Row[] | undefined): void {
    if (rows === undefined || rows.length === 0) return;
    const cells = rows.map((row) => writer.cells(row, now));
    queries.push({ statement: writer.statement, rows: cells.length < 2 ? cells : sorted(cells, writer.key) });
  }

  const { notifications, messages, suppressions, contacts, identifiers } = writes;
  add(statements.insertNotification, notifications?.insert);
  add(statements.updateNotification, notifications?.update);
  add(statements.insertMessage, messages?.insert);
  add(statements.updateMessage, messages?.update);
  add(statements.insertContent, writes.contents);
  if (statements.removeExpired) add(statements.removeExpired, writes.idempotency);
  add(statements.putIdempotency, writes.idempotency);
  add(statements.putSuppression, suppressions?.put);
  add(statements.removeSuppression, suppressions?.remove);
  add(statements.putBroadcast, writes.broadcasts);
  add(statements.pauseLane, writes.lanes);
  add(statements.insertContact, contacts?.insert);
  add(statements.updateContact, contacts?.update);
  add(statements.removeIdentifier, identifiers?.remove);
  add(statements.insertIdentifier, identifiers?.insert);
  add(statements.freeIdentifier, identifiers?.move);
  add(statements.insertIdentifier, identifiers?.move);
  yield* ask(queries, true);
}

/** By key, so that no two transactions lock the same rows in opposite orders. */
function sorted(rows: readonly (readonly Cell[])[], key: number): readonly (readonly Cell[])[] {
  return rows
    .map((row) => ({ row, name: row.slice(0, key).map(cellKey).join('\0') }))
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
    .map(({ row }) => row);
}
