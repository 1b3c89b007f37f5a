import type { Dialect } from '../dialects/dialect.ts';
import type { Answer, Driver, Query, RawRow, Trip } from '../statement.ts';

/** One connection of a server, held for one transaction. */
export interface Session {
  /** Begins; may carry the first query along and then gives its answer. */
  begin(texts: readonly string[], first: Query | undefined): Promise<Answer | undefined>;
  /** Sends queries that do not need each other's answers, with `after` behind them; fails with the first failure. */
  send(queries: readonly Query[], after?: string): Promise<readonly Answer[]>;
  /** Sends one text without parameters. */
  run(text: string): Promise<readonly RawRow[]>;
  /** Gives the connection back; a broken one is not used again. */
  release(broken: boolean): void;
}

/** Runs scripts on sessions. */
export function sessionDriver(dialect: Dialect, connect: () => Promise<Session>, close: () => Promise<void>): Driver {
  return {
    async transaction(begin, script) {
      const session = await connect();
      let state = 'idle' as 'idle' | 'open' | 'committed';
      let broken = false;

      async function take(trip: Trip): Promise<readonly Answer[]> {
        const commit = trip.last ? 'COMMIT' : undefined;
        let answers: readonly Answer[];
        if (state === 'open') answers = await session.send(trip.queries, commit);
        else {
          state = 'open';
          const first = trip.queries[0];
          const carried = await session.begin(dialect.begin(begin), first);
          const rest = await session.send(carried ? trip.queries.slice(1) : trip.queries, commit);
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
          await session.run('COMMIT');
          state = 'committed';
        }
        return step.value;
      } catch (error) {
        if (state === 'open') {
          await session.run('ROLLBACK').catch(() => {
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

    close,
  };
}
