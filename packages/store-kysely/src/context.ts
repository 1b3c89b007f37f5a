import { type ClaimStatements, claimStatements } from './claim-statements.ts';
import type { Dialect } from './dialects/dialect.ts';
import { type ReadStatements, readStatements } from './read-statements.ts';
import type { Patience } from './rerun.ts';
import type { Driver, Query } from './statement.ts';
import { type WriteStatements, writeStatements } from './write-statements.ts';

/** What every operation works with. */
export interface Context {
  readonly dialect: Dialect;
  readonly driver: Driver;
  /** The store's time: asked of the database, or of this process. */
  readonly clock: Query | (() => number);
  /** How long to go on, when a lost race may be run again so often. */
  patience(attempts?: number, budgetMs?: number): Patience;
  readonly reads: ReadStatements;
  readonly writes: WriteStatements;
  readonly claims: ClaimStatements;
}

/** What makes no tables, or makes them anew, is done by then. */
export const briefMs = 5_000;

/** Compiles the statements of a dialect, once a store. */
export function createContext(
  dialect: Dialect,
  driver: Driver,
  options: {
    readonly now: (() => number) | null;
    readonly budgetMs: number;
    readonly isClosed: () => boolean;
  },
): Context {
  return {
    dialect,
    driver,
    clock: options.now ?? clockOf(dialect),
    patience: (attempts = 10, least = 0) => ({
      attempts,
      budgetMs: Math.max(options.budgetMs, least),
      briefMs: Math.max(options.budgetMs, Math.min(least, briefMs)),
      isClosed: options.isClosed,
    }),
    reads: readStatements(dialect),
    writes: writeStatements(dialect),
    claims: claimStatements(dialect),
  };
}

function clockOf(dialect: Dialect): Query | (() => number) {
  if (dialect.clock === null) return Date.now;
  const text = `SELECT ${dialect.clock} AS now`;
  return { statement: { text, gives: 'rows', guard: 'none', name: 'clock', bind: () => [[]] }, rows: [] };
}
