import { CompiledQuery, type Kysely } from 'kysely';
import type { Dialect } from '../dialects/dialect.ts';
import { type Answer, checkGuard, type Driver, type Observe, type Query, type RawRow } from '../statement.ts';
import { boundedConnect } from './bounded-connect.ts';
import { type Session, sessionDriver } from './session-driver.ts';

/** Transactions on connections of a host's own Kysely instance. */
export function kyselyDriver(
  dialect: Dialect,
  // biome-ignore lint/suspicious/noExplicitAny: whatever tables the host has
  db: Kysely<any>,
  options: { readonly observe: Observe | null; readonly answerTimeoutMs: number; readonly budgetMs: number },
): Driver {
  // the host's plugins would rename columns and parse what is to stay text
  const plain = db.withoutPlugins();

  function connect(): Promise<Session> {
    return new Promise((resolve, reject) => {
      plain
        .connection()
        .execute((connection) => new Promise<void>((release) => resolve(session(connection, release))))
        .catch(reject);
    });
  }

  // biome-ignore lint/suspicious/noExplicitAny: whatever tables the host has
  function session(connection: Kysely<any>, release: () => void): Session {
    let last: Promise<unknown> = Promise.resolve();

    async function execute(text: string, params: readonly unknown[]): Promise<Answer> {
      options.observe?.({ text, trip: 1 });
      const sent = connection.executeQuery<RawRow>(CompiledQuery.raw(text, [...params]));
      last = sent.catch(() => {});
      const { rows, numAffectedRows } = await sent;
      return { rows, changes: Number(numAffectedRows ?? 0n) };
    }

    /** Kysely cannot throw a connection away: it is kept from the host until nothing of ours is open on it. */
    async function clean(): Promise<void> {
      await last;
      await execute('ROLLBACK', []).catch(() => {});
      release();
    }

    async function send(query: Query): Promise<Answer> {
      const { text, bind } = query.statement;
      const rows: RawRow[] = [];
      let changes = 0;
      for (const params of bind(query.rows)) {
        const answer = await execute(text, params);
        for (const row of answer.rows) rows.push(row);
        changes += answer.changes;
      }
      checkGuard(query, changes);
      return { rows, changes };
    }

    return {
      async begin(texts) {
        for (const text of texts) await execute(text, []);
        return undefined;
      },
      async send(queries, after, sending) {
        const answers: Answer[] = [];
        for (const query of queries) answers.push(await send(query));
        if (after !== undefined) {
          sending?.();
          await execute(after, []);
        }
        return answers;
      },
      async run(text) {
        return (await execute(text, [])).rows;
      },
      release(broken) {
        if (broken) void clean();
        else release();
      },
    };
  }

  return sessionDriver(dialect, boundedConnect(connect, options.budgetMs), options);
}
