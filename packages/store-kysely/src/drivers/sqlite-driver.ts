import { judgeFailure } from '../driver-errors.ts';
import {
  type Answer,
  type Begin,
  BrieflyBusy,
  checkGuard,
  type Driver,
  type Observe,
  type Query,
  type RawRow,
  type Script,
} from '../statement.ts';

/** A statement of `node:sqlite`, as far as it is used here. */
export interface SqliteStatement {
  all(...params: never[]): unknown[];
  run(...params: never[]): { readonly changes: number | bigint };
  setReadBigInts(enabled: boolean): void;
  setReturnArrays?(enabled: boolean): void;
}

/** A `DatabaseSync` of `node:sqlite`, as far as it is used here. */
export interface SqliteHandle {
  readonly isTransaction: boolean;
  prepare(sql: string): SqliteStatement;
  exec(sql: string): void;
  close(): void;
}

/** A transaction that was asked for. */
interface Waiting {
  readonly script: () => Script<unknown>;
  resolve(result: unknown): void;
  reject(error: unknown): void;
}

const hostIsBusy = 'The host has a transaction open on this handle.';

/** Statements made for one use are cached up to this many. */
const mostCached = 200;

/**
 * Runs whole transactions in one turn of the event loop, so nobody else can get between their statements, not even a
 * host that shares the handle. Those that write and are asked for in the same turn share a commit.
 */
export function sqliteDriver(
  database: SqliteHandle,
  options: { readonly owned: boolean; readonly observe: Observe | null; prepare(database: SqliteHandle): void },
): Driver {
  const cache = new Map<string, SqliteStatement>();
  let prepared = false;

  function statement(text: string): SqliteStatement {
    let found = cache.get(text);
    if (!found) {
      found = database.prepare(text);
      // whatever the handle was told to do with rows
      found.setReadBigInts(false);
      found.setReturnArrays?.(false);
      if (cache.size >= mostCached) cache.delete(cache.keys().next().value as string);
      cache.set(text, found);
    }
    return found;
  }

  function open(begin: string): void {
    if (database.isTransaction) throw new BrieflyBusy(hostIsBusy);
    if (!prepared) {
      try {
        options.prepare(database);
      } catch (error) {
        // a file on which our stores have been is prepared already: this is not one of them, but the host
        if (judgeFailure(error) === 'again') throw new BrieflyBusy(hostIsBusy, { cause: error });
        throw error;
      }
      prepared = true;
    }
    execute(begin);
  }

  function execute(text: string): void {
    options.observe?.({ text, trip: 1 });
    statement(text).run();
  }

  function answer(query: Query): Answer {
    const { text, gives, bind } = query.statement;
    const prepared = statement(text);
    const rows: RawRow[] = [];
    let changes = 0;
    for (const params of bind(query.rows)) {
      options.observe?.({ text, trip: 1 });
      if (gives === 'rows') for (const row of prepared.all(...(params as never[]))) rows.push(row as RawRow);
      else changes += Number(prepared.run(...(params as never[])).changes);
    }
    checkGuard(query, changes);
    return { rows, changes };
  }

  function runScript<R>(script: () => Script<R>): R {
    const running = script();
    let step = running.next();
    while (!step.done) step = running.next(step.value.queries.map(answer));
    return step.value;
  }

  function inside<R>(begin: string, run: () => R): R {
    open(begin);
    try {
      const result = run();
      execute('COMMIT');
      return result;
    } catch (error) {
      // some failures have rolled back already
      if (database.isTransaction) execute('ROLLBACK');
      throw error;
    }
  }

  /** One of several in a transaction: undone by itself when it fails. Throws what undid the others as well. */
  function among(work: Waiting): () => void {
    execute('SAVEPOINT tidings_work');
    try {
      const result = runScript(work.script);
      execute('RELEASE tidings_work');
      return () => work.resolve(result);
    } catch (error) {
      if (!database.isTransaction) throw error;
      execute('ROLLBACK TO tidings_work');
      execute('RELEASE tidings_work');
      return () => work.reject(error);
    }
  }

  let waiting: Waiting[] = [];

  function runWaiting(): void {
    const works = waiting;
    waiting = [];
    let told: readonly (() => void)[];
    try {
      const [only] = works;
      if (works.length === 1 && only) {
        const result = inside('BEGIN IMMEDIATE', () => runScript(only.script));
        told = [() => only.resolve(result)];
      } else {
        told = inside('BEGIN IMMEDIATE', () => works.map(among));
      }
    } catch (error) {
      told = works.map((work) => () => work.reject(error));
    }
    for (const tell of told) tell();
  }

  return {
    async transaction<R>(begin: Begin, script: () => Script<R>): Promise<R> {
      if (begin.mode !== 'write') return inside('BEGIN', () => runScript(script));
      // A commit costs far more than what is in it, so those that are asked for in one turn share theirs.
      return new Promise<R>((resolve, reject) => {
        waiting.push({ script, resolve: resolve as Waiting['resolve'], reject });
        if (waiting.length === 1) setImmediate(runWaiting);
      });
    },

    async sequence(first, texts, last) {
      if (database.isTransaction) throw new BrieflyBusy(hostIsBusy);
      try {
        const rows = first === null ? [] : (statement(first).all() as RawRow[]);
        for (const text of texts(rows)) execute(text);
      } finally {
        for (const text of last) execute(text);
      }
    },

    async close() {
      cache.clear();
      if (options.owned) database.close();
    },
  };
}
