import type { Dialect } from '../dialects/dialect.ts';
import { endsConnection } from '../driver-errors.ts';
import {
  type Answer,
  CommitUnanswered,
  type Driver,
  NoAnswer,
  type Query,
  type RawRow,
  type Trip,
} from '../statement.ts';
import { within } from './within.ts';

/** One connection of a server, held for one transaction. */
export interface Session {
  /** Begins; may carry the first query along and then gives its answer. */
  begin(texts: readonly string[], first: Query | undefined): Promise<Answer | undefined>;
  /**
   * Sends queries that do not need each other's answers, with `after` behind them; fails with the first failure.
   * `sending` is called just before `after` leaves: from then on the server may carry it out.
   */
  send(queries: readonly Query[], after?: string, sending?: () => void): Promise<readonly Answer[]>;
  /** Sends one text without parameters. */
  run(text: string): Promise<readonly RawRow[]>;
  /** Gives the connection back; a broken one is not used again. */
  release(broken: boolean): void;
}

/** Runs scripts on sessions. A server that does not answer within `answerTimeoutMs` counts as lost, and so does the session. */
export function sessionDriver(
  dialect: Dialect,
  connect: () => Promise<Session>,
  { answerTimeoutMs }: { readonly answerTimeoutMs: number },
): Driver {
  return {
    async transaction(begin, script) {
      const limitMs = begin.unhurried === true ? null : answerTimeoutMs;
      const session = await connect();
      let state = 'idle' as 'idle' | 'open' | 'committing' | 'committed';
      let broken = false;
      const committing = (): void => {
        // What was given up on must not be committed after all, when its answer comes late.
        if (broken) throw new NoAnswer('The transaction was given up.');
        state = 'committing';
      };

      async function take(trip: Trip): Promise<readonly Answer[]> {
        const commit = trip.last ? 'COMMIT' : undefined;
        let answers: readonly Answer[];
        if (state === 'open') answers = await within(limitMs, session.send(trip.queries, commit, committing));
        else {
          state = 'open';
          const first = trip.queries[0];
          const carried = await within(limitMs, session.begin(dialect.begin(begin), first));
          const others = carried ? trip.queries.slice(1) : trip.queries;
          const rest = await within(limitMs, session.send(others, commit, committing));
          answers = carried ? [carried, ...rest] : rest;
        }
        if (trip.last) state = 'committed';
        return answers;
      }

      try {
        const running = script();
        let step = running.next();
        while (!step.done) step = running.next(await take(step.value));
        if (state === 'open') {
          await within(limitMs, session.send([], 'COMMIT', committing));
          state = 'committed';
        }
        return step.value;
      } catch (error) {
        if (endsConnection(error)) {
          broken = true;
          if (state === 'committing' && begin.mode === 'write') throw new CommitUnanswered(error);
        } else if (state === 'open' || state === 'committing') {
          await within(limitMs, session.run('ROLLBACK')).catch(() => {
            broken = true;
          });
        }
        throw error;
      } finally {
        session.release(broken);
      }
    },

    async sequence(first, texts, last) {
      const session = await connect();
      let broken = false;
      try {
        const rows = first === null ? [] : await session.run(first);
        for (const text of texts(rows)) await session.run(text);
      } finally {
        for (const text of last) {
          await session.run(text).catch(() => {
            broken = true;
          });
        }
        session.release(broken);
      }
    },

    // connections belong to the host's pool
    async close() {},
  };
}
