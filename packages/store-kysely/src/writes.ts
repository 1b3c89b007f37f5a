import type { Writes } from '@tidings/core/spec';
import type { FactSet } from './fact-set.ts';
import { sortRows } from './reads.ts';
import { ask, type Query, type Script } from './statement.ts';
import type { Writer, WriteStatements } from './write-statements.ts';

/** Everything of `writes` in its order, in one trip that may carry the commit. */
export function* write(statements: WriteStatements, writes: Writes, now: number): Script<void> {
  const { work, keys, rest } = portions(statements, writes, now);
  yield* ask([...work, ...keys(writes.idempotency), ...rest], true);
}

/**
 * Everything of `writes`, keys of sends first: who loses the race for one has written nothing yet. An expired key is
 * removed only where one was read, since looking for a row that is not there may lock others out of its place.
 */
export function* writeJoined(statements: WriteStatements, writes: Writes, facts: FactSet): Script<void> {
  const { work, keys, rest } = portions(statements, writes, facts.now);
  yield* ask([...keys(writes.idempotency?.filter((row) => facts.expired(row))), ...work, ...rest], true);
}

interface Portions {
  /** Notifications, their messages and contents. */
  readonly work: readonly Query[];
  /** Keys of sends, of which these have expired. */
  keys(expired: Writes['idempotency']): readonly Query[];
  /** Everything else, contacts last. */
  readonly rest: readonly Query[];
}

function portions(statements: WriteStatements, writes: Writes, now: number): Portions {
  function query<Row>(writer: Writer<Row> | null, rows: readonly Row[] | undefined): Query[] {
    if (writer === null || rows === undefined || rows.length === 0) return [];
    const cells = rows.map((row) => writer.cells(row, now));
    return [{ statement: writer.statement, rows: sortRows(cells, writer.key) }];
  }

  const { notifications, messages, suppressions, contacts, identifiers } = writes;
  return {
    work: [
      ...query(statements.insertNotification, notifications?.insert),
      ...query(statements.updateNotification, notifications?.update),
      ...query(statements.insertMessage, messages?.insert),
      ...query(statements.updateMessage, messages?.update),
      ...query(statements.insertContent, writes.contents),
    ],
    keys: (expired) => [
      ...query(statements.removeExpired, expired),
      ...query(statements.putIdempotency, writes.idempotency),
    ],
    rest: [
      ...query(statements.putSuppression, suppressions?.put),
      ...query(statements.removeSuppression, suppressions?.remove),
      ...query(statements.putBroadcast, writes.broadcasts),
      ...query(statements.pauseLane, writes.lanes),
      ...query(statements.insertContact, contacts?.insert),
      ...query(statements.updateContact, contacts?.update),
      ...query(statements.removeIdentifier, identifiers?.remove),
      ...query(statements.insertIdentifier, identifiers?.insert),
      ...query(statements.freeIdentifier, identifiers?.move),
      ...query(statements.insertIdentifier, identifiers?.move),
    ],
  };
}
