import { TidingsError, type Work } from '@tidings/core/spec';
import { decide, mostReads } from './commit.ts';
import type { Context } from './context.ts';
import { FactSet } from './fact-set.ts';
import { elsewhere, hostError, isConflict, notOpen } from './joined-errors.ts';
import { createSession, type JoinedSession } from './joined-session.ts';
import { readMore } from './reads.ts';
import { Thrown } from './rerun.ts';
import { decodeText } from './rows.ts';
import { ask, GuardFailed, type Observe, type Script } from './statement.ts';
import { columnOf, tables } from './tables.ts';
import { notTransaction, type TransactionBridge, type TransactionExecutor } from './transaction.ts';
import { writeJoined } from './writes.ts';

/** What joining a transaction works with. */
export interface Joining {
  readonly context: Context;
  /** The store's time where it is not the database's. */
  readonly now: (() => number) | null;
  readonly observe: Observe | null;
  /** Tells the tables of this store from all others. */
  readonly id: string;
}

/** Under this name the settings keep what tells one set of tables from all others. */
export const idSetting = 'store';

// Calls on one connection wait for each other: their savepoints would end each other's.
const queues = new WeakMap<object, Promise<unknown>>();
let savepoints = 0;

/**
 * Read → decide → write inside a transaction of the host's, between a savepoint and its release: of what fails nothing is
 * left for the host to commit. It takes no gate and changes no setting, and it is never run again, except from the read
 * while nothing has been written yet.
 */
export function commitJoined<Tx, R>(
  joining: Joining,
  bridge: TransactionBridge<Tx>,
  transaction: Tx,
  work: Work<R>,
): Promise<R> {
  return inTurn(joining, bridge, transaction, (session) => decideAndWrite(session, joining, work));
}

/** Runs scripts that only read inside a transaction of the host's. */
export function readJoined<Tx, R>(
  joining: Joining,
  bridge: TransactionBridge<Tx>,
  transaction: Tx,
  read: (context: Context) => Promise<R>,
): Promise<R> {
  return inTurn(joining, bridge, transaction, (session) =>
    read({
      ...joining.context,
      driver: { ...joining.context.driver, transaction: (_, script) => session.play(script()) },
    }),
  );
}

async function inTurn<Tx, R>(
  joining: Joining,
  bridge: TransactionBridge<Tx>,
  transaction: Tx,
  operation: (session: JoinedSession) => Promise<R>,
): Promise<R> {
  const executor = executorOf(bridge, transaction);
  const connection = executor.connection ?? (transaction as object);
  const before = queues.get(connection);
  const result = (async () => {
    await before;
    return inSavepoint(joining, bridge.name, executor, operation);
  })();
  const settled = result.catch(() => undefined);
  queues.set(connection, settled);
  try {
    return await result;
  } finally {
    if (queues.get(connection) === settled) queues.delete(connection);
  }
}

function executorOf<Tx>(bridge: TransactionBridge<Tx>, transaction: Tx): TransactionExecutor {
  try {
    return bridge.executor(transaction);
  } catch (error) {
    if (TidingsError.is(error)) throw error;
    throw notTransaction(`cannot be used by ${bridge.name}`, error);
  }
}

async function inSavepoint<R>(
  joining: Joining,
  library: string,
  executor: TransactionExecutor,
  operation: (session: JoinedSession) => Promise<R>,
): Promise<R> {
  savepoints += 1;
  const savepoint = `tidings_${savepoints}`;
  const session = createSession(executor, joining.observe);
  await open(session, joining, savepoint, library, executor.open === true);
  try {
    const result = await operation(session);
    await session.run(`RELEASE SAVEPOINT ${savepoint}`);
    return result;
  } catch (error) {
    throw hostError(error, await undo(session, savepoint));
  }
}

/**
 * Sets the savepoint, which is refused outside a transaction on PostgreSQL alone: on MariaDB it is gone at once, on SQLite it
 * would begin one.
 */
async function open(
  session: JoinedSession,
  { context: { dialect } }: Joining,
  savepoint: string,
  library: string,
  known: boolean,
): Promise<void> {
  if (dialect.name === 'sqlite' && !known) {
    const began = await session.run('BEGIN').then(
      () => true,
      () => false,
    );
    if (began) {
      await session.run('ROLLBACK');
      throw notOpen(library);
    }
  }
  try {
    await session.run(`SAVEPOINT ${savepoint}`);
    if (dialect.name === 'mysql' && !known) await session.run(`ROLLBACK TO SAVEPOINT ${savepoint}`);
  } catch (error) {
    const told = hostError(error, true, library);
    // each library has words of its own for a transaction that has ended
    throw told.code === 'STORE_FAILED' ? notOpen(library, error) : told;
  }
}

async function undo(session: JoinedSession, savepoint: string): Promise<boolean> {
  try {
    await session.run(`ROLLBACK TO SAVEPOINT ${savepoint}`);
    await session.run(`RELEASE SAVEPOINT ${savepoint}`);
    return true;
  } catch {
    return false;
  }
}

async function decideAndWrite<R>(session: JoinedSession, joining: Joining, work: Work<R>): Promise<R> {
  const attempts = work.attempts ?? 10;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await session.play(script(joining, work));
    } catch (error) {
      // on PostgreSQL nothing more may be said after a failure, but there a lost race is none
      const over = joining.context.dialect.name === 'postgres' && !(error instanceof GuardFailed);
      if (over || session.written() || attempt >= attempts || !isConflict(error)) throw error;
    }
  }
}

function* script<R>(joining: Joining, work: Work<R>): Script<R> {
  const { context } = joining;
  const facts = yield* enter(joining);
  yield* readMore(context, work.reads, facts);
  for (let reads = 0; reads < mostReads; reads += 1) {
    const decision = decide(work, facts.facts());
    if (decision.more === undefined) {
      yield* writeJoined(context.writes, decision.writes, facts);
      return decision.result;
    }
    yield* readMore(context, decision.more, facts);
  }
  throw new Thrown(
    new TidingsError('INTERNAL', `A decision asked for more facts ${mostReads} times; it must end by itself.`),
  );
}

/** Asks for the time, and whether these are the store's own tables. */
function* enter({ context: { dialect }, now, id }: Joining): Script<FactSet> {
  const { settings } = tables;
  const clock = now === null && dialect.clock !== null ? `, ${dialect.clock} AS now` : '';
  const value = dialect.read(columnOf(settings, 'value'), 'value');
  const text = `SELECT (SELECT ${value} FROM ${dialect.table(settings)} WHERE name = '${idSetting}') AS id${clock}`;
  const [answer] = yield* ask([dialect.once(text, [])]);
  const row = answer?.rows[0];
  if (row?.id === null || row?.id === undefined || decodeText(row.id) !== id) throw new Thrown(elsewhere());
  return new FactSet(clock === '' ? (now ?? Date.now)() : Number(row.now));
}
