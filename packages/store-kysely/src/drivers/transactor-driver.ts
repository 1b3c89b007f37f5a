import type { Dialect } from '../dialects/dialect.ts';
import { endsConnection } from '../driver-errors.ts';
import {
  type Answer,
  type Begin,
  CommitUnanswered,
  checkGuard,
  type Driver,
  NoAnswer,
  type Observe,
  type Query,
  type RawRow,
} from '../statement.ts';
import { noConnection } from './no-connection.ts';
import { noAnswer, within } from './within.ts';

/** Statements on the connection of one transaction. */
export interface Connection {
  rows(text: string, params: readonly unknown[]): Promise<readonly RawRow[]>;
  /** Gives how many rows were changed. */
  change(text: string, params: readonly unknown[]): Promise<number>;
  /** Keeps the connection from being used again; left out where the library does not let it be reached. */
  throwAway?(): void;
}

/**
 * Begins a transaction, calls the function, and commits; rolls back when it throws, and throws the same. For `write` READ
 * COMMITTED, for `snapshot` REPEATABLE READ.
 */
export type Transactor = <R>(mode: Begin['mode'], run: (connection: Connection) => Promise<R>) => Promise<R>;

/**
 * Transactions that a library of the host's begins and commits. One that has not begun within the budget is given up, and
 * so is one whose server does not answer within `answerTimeoutMs`, even where the library itself waits on.
 */
export function transactorDriver(
  dialect: Dialect,
  transactor: Transactor,
  options: { readonly observe: Observe | null; readonly answerTimeoutMs: number; readonly budgetMs: number },
): Driver {
  const { observe, budgetMs } = options;

  /** Tells of everything that is sent, and waits for each answer no longer than the limit. */
  function watched({ rows, change }: Connection, limitMs: number | null): Connection {
    return {
      rows(text, params) {
        observe?.({ text, trip: 1 });
        return within(limitMs, rows(text, params));
      },
      change(text, params) {
        observe?.({ text, trip: 1 });
        return within(limitMs, change(text, params));
      },
    };
  }

  /** A transaction of the library's that ends in bounded time; what the library does after that touches nobody. */
  function transact<R>(
    mode: Begin['mode'],
    limitMs: number | null,
    run: (connection: Connection) => Promise<R>,
  ): Promise<R> {
    return new Promise<R>((resolve, reject) => {
      let over = false;
      let timer: NodeJS.Timeout | undefined;
      const end = (settle: () => void): void => {
        clearTimeout(timer);
        over = true;
        settle();
      };
      /** What the library does next must be answered in time; or else the transaction ends so. */
      const expect = (ms: number | null, otherwise: () => unknown): void => {
        clearTimeout(timer);
        if (ms !== null && !over) timer = setTimeout(() => end(() => reject(otherwise())), ms);
      };

      expect(budgetMs, () => noConnection(budgetMs));
      transactor(mode, async (given) => {
        // thrown, so that the library gives back the connection that came too late
        if (over) throw new NoAnswer('The transaction was given up.');
        clearTimeout(timer);
        try {
          const result = await run(watched(given, limitMs));
          expect(limitMs, () => {
            given.throwAway?.();
            return noAnswer(limitMs as number);
          });
          return result;
        } catch (error) {
          if (error instanceof NoAnswer) {
            end(() => reject(error));
            given.throwAway?.();
          } else {
            // the library rolls back
            expect(limitMs, () => {
              given.throwAway?.();
              return error;
            });
          }
          throw error;
        }
      }).then(
        (result) => end(() => resolve(result)),
        (error: unknown) => end(() => reject(error)),
      );
    });
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
    transaction({ mode, gate, scopes, unhurried }, script) {
      const limitMs = unhurried === true ? null : options.answerTimeoutMs;
      const opening = [...(dialect.settings === null ? [] : [dialect.settings]), ...dialect.gates(gate, scopes)];
      let done = false;
      const work = transact(mode, limitMs, async (connection) => {
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
      return transact('write', null, async (connection) => {
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
