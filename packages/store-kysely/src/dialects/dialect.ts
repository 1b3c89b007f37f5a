import type { Kysely } from 'kysely';
import type { Begin, Cell, Param, Query, RawRow, Script, Statement } from '../statement.ts';
import type { Column, Index, Table } from '../tables.ts';

/** Refers to an input or to a column of the row at hand, in an expression. */
export type Name = (name: string) => string;

/** Inserts one row per input row. */
export interface Insert {
  readonly table: Table;
  /** The inputs: columns of the table, in the order of the cells. */
  readonly columns: readonly string[];
  /** Columns that always get the same expression. */
  readonly fixed?: Readonly<Record<string, string>>;
  /** An existing row: refused (default), kept as it is, or changed. */
  readonly existing?:
    | 'keep'
    | {
        readonly set: (fresh: Name, old: Name) => Readonly<Record<string, string>>;
        /** Changed only where this holds; where not, the guard fails. Only where `countsUpserts`. */
        readonly where?: (fresh: Name, old: Name) => string;
      };
  /** Inserted only where this holds; where not, the guard fails. */
  readonly where?: (input: Name) => string;
}

/** Changes the rows whose match holds. */
export interface Update {
  readonly table: Table;
  /** Inputs by name, each checked as the column it stands for. */
  readonly inputs: Readonly<Record<string, Column>>;
  readonly match: (input: Name, old: Name) => readonly string[];
  readonly set: (input: Name, old: Name) => Readonly<Record<string, string>>;
  /** Each input row must change a row. */
  readonly guard: boolean;
}

/** Deletes the rows whose match holds. */
export interface Remove {
  readonly table: Table;
  readonly inputs: Readonly<Record<string, Column>>;
  readonly match: (input: Name, old: Name) => readonly string[];
}

/** A table that is read, with its alias. */
export interface Source {
  readonly table: string;
  readonly on: readonly string[];
  readonly left?: boolean;
  /** The index its rows are found by, `key` for the key: where a planner keeps to old figures it may take another. Default: its choice. */
  readonly index?: string;
}

/** Reads what belongs to each input row. */
export interface Select {
  readonly inputs: Readonly<Record<string, Column>>;
  /** What to give, as SQL; `input` names an input. */
  readonly give: (input: Name) => readonly string[];
  /** Tables in the order they are visited; without any, one row an input. */
  readonly from?: (input: Name) => readonly Source[];
  /** Locks the rows of the first table, in the order of its key. */
  readonly lock?: readonly string[];
  /** Leaves out rows that others have locked, instead of waiting for them. */
  readonly skipLocked?: boolean;
  /** The index that locked rows are found by. Default: the key. */
  readonly index?: string;
}

/** A lane to take from. */
export interface Pick {
  readonly lane: string;
  readonly room: number;
  /** Only what is due by then. */
  readonly due: number;
}

/** What differs between databases, and nothing else. */
export interface Dialect {
  readonly name: 'sqlite' | 'postgres' | 'mysql';
  /** Name of a table, prefix and schema included. */
  table(table: Table): string;
  insert(insert: Insert): Statement;
  update(update: Update): Statement;
  remove(remove: Remove): Statement;
  select(select: Select): Statement;
  /** Whether the number of rows an upsert changed can be relied on. */
  readonly countsUpserts: boolean;
  /** What every transaction sets for itself, once it has begun; null: nothing. */
  readonly settings: string | null;
  /** The statements a transaction begins with, its gates included. */
  begin(begin: Begin): readonly string[];
  /** The statements that lock these gates, in this order; none where there is a single writer. */
  gates(gate: Begin['gate'], scopes: readonly number[]): readonly string[];
  /** A statement made for one use. */
  once(text: string, params: readonly Param[]): Query;
  /** A parameter of a built query. */
  param(column: Column, value: Cell): unknown;
  concat(a: string, b: string): string;
  greatest(a: string, b: string): string;
  /** A value of a column as it is given: the bytes that are kept, whatever the session turns text into. */
  read(column: Column, expression: string): string;
  /** A column that is compared but not looked up by: a planner without figures may prefer it to a far better one. */
  aside(column: string): string;
  /** Expression for the database's own clock in ms; null: the process clock is the store's. */
  readonly clock: string | null;
  /** Picks due messages, at most `room` a lane, locked, urgent bands first. */
  pick(picks: readonly Pick[]): Script<readonly RawRow[]>;
  /** All lanes that messages wait in. */
  readonly waitingLanes: string;
  /** Statements that create the tables; each may be run again. */
  create(tables: readonly Table[]): readonly string[];
  /** Statements that add to a table there is. */
  addColumn(table: Table, column: Column): string;
  addIndex(table: Table, index: Index): string;
  /** Compiles queries; runs none. */
  readonly builder: Kysely<Record<string, Record<string, unknown>>>;
  /** What makes erased values leave the files too; null: nothing to be done. */
  readonly scrub: Scrub | null;
  /** Runs numbered migrations one process at a time. */
  readonly migration: MigrationStyle;
}

/** How erased values leave the files: overwritten where they stood, and no copy left in the log. */
export interface Scrub {
  /** Gives the setting in force, as `secure_delete`. */
  readonly setting: string;
  /** Puts it in force for what follows. */
  set(value: number): string;
  /** Empties the log; gives `busy`, 1 when somebody still reads from it. */
  readonly checkpoint: string;
}

/** How a database lets one process at a time change its tables. */
export interface MigrationStyle {
  /** Creates the table of versions, unless it is there. */
  table(name: string): string;
  /** Notes that a version was reached; may be repeated. */
  note(name: string, version: number): string;
  /** Changes of tables roll back like any other. Otherwise the statements are sent one by one, between the locks. */
  readonly transactional: boolean;
  /** Gives `locked`, 1 when it was had, where it can fail without an error. */
  readonly lock: string | null;
  /** Sent whatever happened before. */
  readonly unlock: readonly string[];
}

/** What dialects are made from. */
export interface Naming {
  readonly prefix: string;
  readonly schema: string | null;
  /** How long a batch waits for a lock before it is run again; null: as the session does. */
  readonly lockTimeoutMs: number | null;
  readonly foreignKeys: boolean;
}
