import type { DatabaseSync } from 'node:sqlite';
import { isolatedMariadb, isolatedPostgres } from '@tidings/testing';
import type { Pool as MysqlPool, PoolOptions } from 'mysql2';
import pg from 'pg';
import type { PostgresPool } from '../src/index.ts';

/** A pool of a host with settings nobody would choose. */
export interface Hostile<Pool> {
  readonly pool: Pool;
  /** Where the tables are to stand. */
  readonly schema: string;
  /** What was found wrong on connections that were given back. */
  readonly complaints: readonly string[];
  drop(): Promise<void>;
}

const oddSession = {
  TimeZone: 'Asia/Kathmandu',
  DateStyle: 'SQL,DMY',
  IntervalStyle: 'sql_standard',
  bytea_output: 'escape',
  array_nulls: 'off',
  standard_conforming_strings: 'off',
  transform_null_equals: 'on',
  default_transaction_deferrable: 'on',
  extra_float_digits: '-15',
  search_path: 'pg_catalog',
};

/** Parsers that make of nothing what `pg` makes of it. */
const oddTypes = {
  getTypeParser(type: number) {
    return (value: string | Buffer): unknown => {
      if (typeof value !== 'string') return { odd: value };
      if (type === pg.types.builtins.INT8) return BigInt(value);
      if (type === pg.types.builtins.INT4 || type === pg.types.builtins.INT2) return value.padStart(12, '0');
      if (type === pg.types.builtins.BYTEA) return value;
      if (type === pg.types.builtins.TEXT || type === pg.types.builtins.UUID) return value;
      return { odd: value };
    };
  },
};

/** What many hosts have for want of more than 53 bits. */
export const bigIntegers = {
  getTypeParser: (type: number, format?: 'text'): unknown =>
    type === pg.types.builtins.INT8 ? BigInt : pg.types.getTypeParser(type, format),
};

/** A pool of `pg` with odd parsers, whose sessions have odd settings; the tables stand in a schema out of its sight. */
export async function hostilePostgres(config: pg.PoolConfig, isolation: string): Promise<Hostile<pg.Pool>> {
  const { url, schema, drop } = await isolatedPostgres();
  const own = new URL(url);
  const settings = { ...oddSession, default_transaction_isolation: isolation };
  const options = Object.entries(settings).map(([name, value]) => `-c ${name}=${value.replaceAll(' ', '\\ ')}`);
  own.searchParams.set('options', options.join(' '));
  const pool = new pg.Pool({ max: 6, types: oddTypes as never, ...config, connectionString: own.href });
  return { pool, schema, complaints: [], drop: () => pool.end().then(drop) };
}

const stateOfSession = `
  SELECT 'setting ' || name || ' = ' || setting AS left_over FROM pg_settings WHERE source = 'session'
  UNION ALL SELECT 'statement ' || name FROM pg_prepared_statements
  UNION ALL SELECT 'lock ' || locktype FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'advisory'
  UNION ALL SELECT 'table ' || relname FROM pg_class WHERE relpersistence = 't'`;

/**
 * A pool as behind a pooler that gives every transaction another connection and keeps nothing of a session: whatever is
 * sent outside a transaction, or left behind by one, is complained of.
 */
export function transactionPooler({ pool, schema, drop }: Hostile<pg.Pool>): Hostile<PostgresPool> {
  const complaints: string[] = [];
  let given = 0;
  const waiting: ((client: pg.PoolClient) => void)[] = [];
  // taken from one end and given back at the other: no two transactions in a row are on the same one
  const clients = Promise.all(Array.from({ length: 3 }, () => pool.connect()));

  async function take(): Promise<pg.PoolClient> {
    const free = (await clients).shift();
    return free ?? new Promise((resolve) => waiting.push(resolve));
  }
  async function giveBack(client: pg.PoolClient): Promise<void> {
    given += 1;
    // looking takes longer than most transactions
    if (given % 25 === 0) {
      const { rows } = await client.query({ text: stateOfSession, types: pg.types as never });
      for (const row of rows) complaints.push(String(row.left_over));
    }
    const next = waiting.shift();
    if (next) next(client);
    else (await clients).push(client);
  }

  const pooled = {
    totalCount: 0,
    options: { max: 3 },
    async connect() {
      let client: pg.PoolClient | undefined;
      return {
        async query(request: { readonly text: string; readonly name?: string }) {
          if (request.name !== undefined) complaints.push(`named statement ${request.name}`);
          if (request.text.startsWith('BEGIN')) client = await take();
          if (!client) {
            complaints.push(`outside a transaction: ${request.text}`);
            throw new Error('There is no transaction.');
          }
          const result = await client.query(request);
          if (request.text === 'COMMIT' || request.text === 'ROLLBACK') {
            const done = client;
            client = undefined;
            await giveBack(done);
          }
          return result;
        },
        on() {},
        removeListener() {},
        release() {
          if (client) complaints.push('given back inside a transaction');
        },
      };
    },
  };
  return {
    pool: pooled,
    schema,
    complaints,
    async drop() {
      for (const client of await clients) client.release();
      await drop();
    },
  };
}

/** Not strict, so that what does not fit would be cut off; quotes, pipes, backslashes and blanks mean other things. */
const oddModes =
  'ANSI_QUOTES,PIPES_AS_CONCAT,NO_BACKSLASH_ESCAPES,IGNORE_SPACE,HIGH_NOT_PRECEDENCE,NO_UNSIGNED_SUBTRACTION,' +
  'EMPTY_STRING_IS_NULL,PAD_CHAR_TO_FULL_LENGTH,ONLY_FULL_GROUP_BY,NO_ZERO_DATE';

const oddSessionOfMysql = [
  `SET SESSION sql_mode = '${oddModes}'`,
  "SET SESSION time_zone = '+05:45', autocommit = 0, sql_safe_updates = 1, tx_isolation = 'SERIALIZABLE'",
  'SET SESSION sql_auto_is_null = 1, innodb_lock_wait_timeout = 77, lock_wait_timeout = 78',
  'SET NAMES latin1',
];

/** What must be on a connection that comes back as it was when it was taken. */
const sessionOfMysql = `SELECT CONCAT_WS(' ', @@sql_mode, @@time_zone, @@autocommit, @@sql_safe_updates, @@tx_isolation,
  @@innodb_lock_wait_timeout, @@lock_wait_timeout, @@character_set_client, @@character_set_results) AS state`;

/** Options of a pool of `mysql2` that make something else of rows and values than it does by itself. */
export const oddMysql: PoolOptions = {
  dateStrings: true,
  rowsAsArray: true,
  nestTables: '_',
  supportBigNumbers: true,
  bigNumberStrings: true,
  decimalNumbers: true,
  namedPlaceholders: true,
  stringifyObjects: true,
  timezone: '+05:45',
  charset: 'LATIN1_SWEDISH_CI',
  flags: ['-FOUND_ROWS'],
  typeCast: (field) => ({ odd: field.type }),
};

/** A pool of `mysql2` whose sessions have odd settings; the tables stand in a database that is not theirs. */
export async function hostileMariadb(config: PoolOptions): Promise<Hostile<MysqlPool>> {
  const { pool, database, drop } = await isolatedMariadb({ connectionLimit: 6, ...config });
  const complaints: string[] = [];
  const untouched = {
    rowsAsArray: false,
    nestTables: false as never,
    typeCast: (_: unknown, next: () => unknown) => next(),
  };
  pool.on('connection', (connection) => {
    connection.query('USE information_schema');
    for (const sql of oddSessionOfMysql) connection.query(sql);
    connection.query({ sql: sessionOfMysql, ...untouched }, (error, rows) => {
      (connection as { taken?: string }).taken = error
        ? String(error)
        : String((rows as { state: string }[])[0]?.state);
    });
  });
  return {
    pool,
    schema: database,
    complaints,
    async drop() {
      const connections = await Promise.all(Array.from({ length: 6 }, () => pool.promise().getConnection()));
      for (const connection of connections) {
        const [rows] = await connection.query({ sql: sessionOfMysql, ...untouched });
        const { taken } = connection.connection as unknown as { taken?: string };
        const state = String((rows as unknown as { state: string }[])[0]?.state);
        if (taken !== state) complaints.push(`${taken} became ${state}`);
        connection.release();
      }
      await drop();
    },
  };
}

/** Settings of a host's own SQLite handle; the journal is the host's choice too. */
export function makeOdd(database: DatabaseSync, journal: 'WAL' | 'DELETE'): void {
  database.exec(`
    PRAGMA foreign_keys = ON; PRAGMA recursive_triggers = ON; PRAGMA reverse_unordered_selects = ON;
    PRAGMA case_sensitive_like = ON; PRAGMA full_column_names = ON; PRAGMA secure_delete = FAST;
    PRAGMA journal_mode = ${journal}; PRAGMA synchronous = OFF; PRAGMA cell_size_check = ON;`);
}
