// What a store says to a database, independent of which: fixed statements, and scripts that send them.

/** A value before a dialect encodes it. */
export type Cell = string | number | Uint8Array | null;
/** A value as a driver takes it; PostgreSQL takes whole columns. */
export type Param = string | number | Uint8Array | null | readonly (string | number | Uint8Array | null)[];
/** A row as a driver gives it. */
export type RawRow = Readonly<Record<string, unknown>>;

/** A fixed text. `bind` turns input rows into the parameters of one or more executions. */
export interface Statement {
  readonly text: string;
  /** Gives rows; otherwise it counts changes. */
  readonly gives: 'rows' | 'changes';
  /** Each input row must change exactly one row; `raises`: the text itself fails when not. */
  readonly guard: 'none' | 'counts' | 'raises';
  /** Worth preparing: one of a small, fixed set. Null: sent once. */
  readonly name: string | null;
  bind(rows: readonly (readonly Cell[])[]): readonly (readonly Param[])[];
}

/** A statement with its input. */
export interface Query {
  readonly statement: Statement;
  readonly rows: readonly (readonly Cell[])[];
}

/** What came back. */
export interface Answer {
  readonly rows: readonly RawRow[];
  readonly changes: number;
}

/** Queries that do not need each other's answers: one round trip where the driver can. */
export interface Trip {
  readonly queries: readonly Query[];
  /** Nothing follows: the commit may travel along. */
  readonly last: boolean;
}

/**
 * The inside of a transaction: yields trips, is given their answers. The same script runs synchronously on a SQLite
 * handle and asynchronously on a server.
 */
export type Script<R> = Generator<Trip, R, readonly Answer[]>;

/** One trip of a script. */
export function* ask(queries: readonly Query[], last = false): Script<readonly Answer[]> {
  if (queries.length === 0 && !last) return [];
  return yield { queries, last };
}

/** A guard failed: somebody else was first. */
export class GuardFailed extends Error {
  constructor() {
    super('A guarded row was changed by somebody else.');
    this.name = 'GuardFailed';
  }
}

/** The database is held by somebody else. */
export class Busy extends Error {}

/** It is held by somebody who is not making the tables, and is not waited for as if they were. */
export class BrieflyBusy extends Busy {}

/** The connection ended after COMMIT was on its way: only reading tells whether it was carried out. */
export class CommitUnanswered extends Error {
  constructor(cause: unknown) {
    super('The connection ended before the server answered COMMIT.', { cause });
  }
}

/** The server gave neither a connection nor an answer in time. */
export class NoAnswer extends Error {}

/** Fails when a counted statement changed another number of rows than it was given. */
export function checkGuard(query: Query, changes: number): void {
  if (query.statement.guard === 'counts' && changes !== query.rows.length) throw new GuardFailed();
}

/** How a transaction begins. */
export interface Begin {
  readonly mode: 'write' | 'snapshot';
  /** Gates of these scopes, sorted. */
  readonly scopes: readonly number[];
  readonly gate: 'none' | 'shared' | 'exclusive';
  /** Statements may take as long as they like: tables are being made. */
  readonly unhurried?: boolean;
}

/** Runs scripts in transactions on one database. */
export interface Driver {
  /** Begins, runs the script once, commits; on any failure rolls back and throws what failed, as the driver gave it. */
  transaction<R>(begin: Begin, script: () => Script<R>): Promise<R>;
  /**
   * Sends texts one by one on one connection, outside any transaction: what `texts` makes of the rows of `first`, then
   * `last`, whatever happened before.
   */
  sequence(
    first: string | null,
    texts: (rows: readonly RawRow[]) => readonly string[],
    last: readonly string[],
  ): Promise<void>;
  /** Ends what the driver itself opened. */
  close(): Promise<void>;
}

/** Told of every statement sent, with how many others travelled in the same round trip. */
export type Observe = (sent: { readonly text: string; readonly trip: number }) => void;
