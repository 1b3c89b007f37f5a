import type { Dialect } from '../dialects/dialect.ts';
import { endsConnection } from '../driver-errors.ts';
import {
  type Answer,
  type Begin,
  CommitUnanswered,
  checkGuard,
  type Driver,
  type Observe,
  type Query,
  type RawRow,
} from '../statement.ts';

/** Statements on the connection of one transaction. */
export interface Connection {
  rows(text: string, params: readonly unknown[]): Promise<readonly RawRow[]>;
  /** Gives how many rows were changed. */
  change(text: string, params: readonly unknown[]): Promise<number>;
}

/**
 * Begins a transaction, calls the function, and commits; rolls back when it throws, and throws the same. For `write` READ
 * COMMITTED, for `snapshot` REPEATABLE READ.
 */
export type Transactor = <R>(mode: Begin['mode'], run: (connection: Connection) => Promise<R>) => Promise<R>;

/** Transactions that a library of the host's begins and commits. */
export function transactorDriver(
  dialect: Dialect,
  transactor: Transactor,
  options: { readonly observe: Observe | null },
): Driver {
  /** Tells of everything that is sent. */
  function observed({ rows, change }: Connection): Connection {
    const { observe } = options;
    if (observe === null) return { rows, change };
    return {
      rows(text, params) {
        observe({ text, trip: 1 });
        return rows(text, params);
      },
      change(text, params) {
        observe({ text, trip: 1 });
        return change(text, params);
      },
    };
  }

  async function send(connection: Connection, query: Query): Promise<Answer> {
    const { text, gives, bind } = query.statement;
    const rows: RawRow[] = [];
    let changes = 0;
    for (const params of bind(query.rows)) {
      if (gives === 'changes') changes += await connection.change(text, params);
      else for (const row of await connection.rows(text, params)) rows.push(row);
    }
    checkGuard(query, changes);
    return { rows, changes };
  }

  return {
    transaction({ mode, gate, scopes }, script) {
      const opening = [...(dialect.settings === null ? [] : [dialect.settings]), ...dialect.gates(gate, scopes)];
      let done = false;
      const work = transactor(mode, async (given) => {
        const connection = observed(given);
        for (const text of opening) await connection.change(text, []);
        const running = script();
        let step = running.next();
        while (!step.done) {
          const answers: Answer[] = [];
          for (const query of step.value.queries) answers.push(await send(connection, query));
          step = running.next(answers);
        }
        done = true;
        return step.value;
      });
      return work.catch((error: unknown) => {
        // What fails after the function has ended is the commit.
        if (done && mode === 'write' && endsConnection(error)) throw new CommitUnanswered(error);
        throw error;
      });
    },

    // only where creating a table commits, so that the transaction around it is none
    sequence(first, texts, last) {
      return transactor('write', async (given) => {
        const connection = observed(given);
        try {
          const rows = first === null ? [] : await connection.rows(first, []);
          for (const text of texts(rows)) await connection.change(text, []);
        } finally {
          // where one fails the connection is lost, and with it what they would have let go
          for (const text of last) await connection.change(text, []).catch(() => {});
        }
      });
    },

    close: async () => undefined,
  };
}
