import type { Dialect } from '../dialects/dialect.ts';
import { type Answer, checkGuard, type Driver, type Observe, type Query, type RawRow } from '../statement.ts';
import { type Session, sessionDriver } from './session-driver.ts';

/** A pool of `mysql2`, with callbacks or promises, as far as it is used here. */
export interface MysqlPool {
  getConnection: (...args: never[]) => unknown;
  /** Pools with callbacks have it. */
  promise?: () => unknown;
}

interface Options {
  readonly sql: string;
  readonly values?: unknown[];
  readonly rowsAsArray: false;
  readonly nestTables: false;
  readonly namedPlaceholders: false;
  typeCast(field: unknown, next: () => unknown): unknown;
}

interface Connection {
  query(options: Options): Promise<[unknown, unknown]>;
  execute(options: Options): Promise<[unknown, unknown]>;
  release(): void;
  destroy(): void;
}

// whatever the pool was told to do with rows and values
const plain = {
  rowsAsArray: false,
  nestTables: false,
  namedPlaceholders: false,
  typeCast: (_field: unknown, next: () => unknown): unknown => next(),
} as const;

/** Transactions on connections of a pool of `mysql2`. */
export function mysqlDriver(
  dialect: Dialect,
  pool: MysqlPool,
  options: { readonly prepare: boolean; readonly observe: Observe | null; readonly answerTimeoutMs: number },
): Driver {
  const promised = (typeof pool.promise === 'function' ? pool.promise() : pool) as {
    getConnection(): Promise<Connection>;
  };

  async function connect(): Promise<Session> {
    const connection = await promised.getConnection();

    async function send(query: Query): Promise<Answer> {
      const { text, name, gives, bind } = query.statement;
      const rows: RawRow[] = [];
      let changes = 0;
      for (const values of bind(query.rows)) {
        options.observe?.({ text, trip: 1 });
        const request = { sql: text, values: values as unknown[], ...plain };
        const [result] =
          name !== null && options.prepare ? await connection.execute(request) : await connection.query(request);
        if (gives !== 'rows') changes += Number((result as { readonly affectedRows?: unknown }).affectedRows ?? 0);
        else if (Array.isArray(result)) for (const row of result) rows.push(row as RawRow);
      }
      checkGuard(query, changes);
      return { rows, changes };
    }

    async function run(text: string): Promise<readonly RawRow[]> {
      options.observe?.({ text, trip: 1 });
      const [result] = await connection.query({ sql: text, ...plain });
      return Array.isArray(result) ? (result as readonly RawRow[]) : [];
    }

    return {
      async begin(texts) {
        for (const text of texts) await run(text);
        return undefined;
      },
      async send(queries, after, sending) {
        const answers: Answer[] = [];
        for (const query of queries) answers.push(await send(query));
        if (after !== undefined) {
          sending?.();
          await run(after);
        }
        return answers;
      },
      run,
      release(broken) {
        if (broken) connection.destroy();
        else connection.release();
      },
    };
  }
  return sessionDriver(dialect, connect, options);
}
