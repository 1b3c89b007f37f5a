import type { Dialect } from '../dialects/dialect.ts';
import type { Answer, Driver, Observe, Param, Query, RawRow } from '../statement.ts';
import { acquireClient } from './acquire-client.ts';
import { boundedConnect } from './bounded-connect.ts';
import { type Session, sessionDriver } from './session-driver.ts';

/** A `Pool` of `pg`, as far as it is used here. */
export interface PostgresPool {
  connect(): Promise<unknown>;
  /** Only pools have it: a single client would commit for the host. */
  readonly totalCount: number;
  readonly options?: { readonly max?: number | undefined; readonly binary?: boolean | undefined };
  on?(event: 'error', listener: () => void): unknown;
  removeListener?(event: 'error', listener: () => void): unknown;
}

interface Result {
  readonly rows: readonly RawRow[];
  readonly rowCount: number | null;
  readonly command: string;
}

interface Client {
  query(query: {
    readonly text: string;
    readonly name?: string;
    readonly values?: unknown[];
    readonly types: typeof asText;
  }): Promise<Result | readonly Result[]>;
  on(event: 'error', listener: () => void): void;
  removeListener(event: 'error', listener: () => void): void;
  release(broken?: boolean): void;
  /** Several queries may be under way at once. */
  readonly pipeline?: boolean;
}

// whatever parsers the host has set: we read text
const asText = { getTypeParser: () => (value: unknown) => value };

/** What only follows from a failure before it in the same transaction. */
const abortedTransaction = '25P02';

/** Transactions on connections of a pool of `pg`. */
export function postgresDriver(
  dialect: Dialect,
  pool: PostgresPool,
  options: {
    readonly prepare: boolean;
    readonly observe: Observe | null;
    readonly answerTimeoutMs: number;
    readonly budgetMs: number;
  },
): Driver {
  async function connect(): Promise<Session> {
    // a connection lost while it is ours fails the query under way; without a listener it would end the process too
    const client = await acquireClient<Client>(pool, ignore);

    /** Binds at once, so that a value refused here leaves nothing half sent. */
    function prepare(query: Query): (trip: number) => Promise<Result> {
      const { text, name, bind } = query.statement;
      const [values] = bind(query.rows) as readonly (readonly Param[])[];
      const named = name !== null && options.prepare ? { name } : {};
      return (trip) => {
        options.observe?.({ text, trip });
        return client.query({ text, types: asText, values: values as unknown[], ...named }) as Promise<Result>;
      };
    }

    async function text(sql: string, trip = 1): Promise<Result> {
      options.observe?.({ text: sql, trip });
      const result = await client.query({ text: sql, types: asText });
      return (Array.isArray(result) ? result.at(-1) : result) as Result;
    }

    return {
      async begin(texts, first) {
        const carried = first?.statement.name === 'clock' ? first : undefined;
        const all = carried ? [...texts, carried.statement.text] : texts;
        const result = await text(all.join('; '));
        return carried ? answer(carried, result) : undefined;
      },
      async send(queries, after, sending) {
        if (client.pipeline !== true) {
          const answers: Answer[] = [];
          for (const one of queries) answers.push(answer(one, await prepare(one)(1)));
          if (after !== undefined) {
            sending?.();
            await text(after);
          }
          return answers;
        }
        const trip = queries.length + (after === undefined ? 0 : 1);
        const prepared = queries.map(prepare);
        const sent = prepared.map((send) => send(trip));
        if (after !== undefined) {
          sending?.();
          sent.push(text(after, trip));
        }
        const results = await Promise.allSettled(sent);
        const failures = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
        if (failures.length > 0) {
          throw failures.find((error) => (error as { code?: unknown }).code !== abortedTransaction) ?? failures[0];
        }
        return queries.map((one, index) => answer(one, (results[index] as PromiseFulfilledResult<Result>).value));
      },
      async run(sql) {
        return (await text(sql)).rows;
      },
      release(broken) {
        // of a broken one more may come, and nobody else listens any more
        if (!broken) client.removeListener('error', ignore);
        client.release(broken);
      },
    };
  }
  // A connection lost while nobody uses it is no loss, but without a listener it would end the process.
  pool.on?.('error', ignore);
  const driver = sessionDriver(dialect, boundedConnect(connect, options.budgetMs), options);
  return {
    ...driver,
    async close() {
      await driver.close();
      pool.removeListener?.('error', ignore);
    },
  };
}

function answer(query: Query, { rows, rowCount }: Result): Answer {
  return query.statement.gives === 'rows' ? { rows, changes: 0 } : { rows: [], changes: rowCount ?? 0 };
}

function ignore(): void {
  // the query under way says it
}
