import { DatabaseSync } from 'node:sqlite';
import type { HostTransaction } from '@tidings/testing';
import type { Kysely, Transaction } from 'kysely';
import type { Pool as MysqlPool } from 'mysql2';
import type { Pool } from 'pg';
import type { Sql } from 'postgres';

// Transactions of hosts, each begun the way a host of that driver does.

let lastHost = 0;
const create = (table = 'host_notes'): string =>
  `CREATE TABLE IF NOT EXISTS ${table} (host int NOT NULL, place int NOT NULL, text varchar(100) NOT NULL)`;

interface Parts {
  readonly table?: string;
  readonly transaction: unknown;
  readonly alone?: boolean;
  /** In the transaction. */
  run(sql: string): Promise<unknown>;
  /** Outside it. */
  read(sql: string): Promise<readonly { readonly text: string }[]>;
  commit(): Promise<unknown>;
  rollback(): Promise<unknown>;
  release?(): void;
}

function hostOf({ table = 'host_notes', ...parts }: Parts): HostTransaction {
  lastHost += 1;
  const host = lastHost;
  let place = 0;
  return {
    transaction: parts.transaction,
    ...(parts.alone === undefined ? {} : { alone: parts.alone }),
    async note(text) {
      place += 1;
      await parts.run(`INSERT INTO ${table} (host, place, text) VALUES (${host}, ${place}, '${text}')`);
    },
    async commit() {
      await parts.commit();
      parts.release?.();
    },
    async rollback() {
      await parts.rollback();
      parts.release?.();
    },
    notes: async () =>
      (await parts.read(`SELECT text AS text FROM ${table} WHERE host = ${host} ORDER BY place`)).map(
        ({ text }) => text,
      ),
  };
}

/** A client of `pg` between BEGIN and COMMIT. */
export async function pgHost(pool: Pool, begin: string | undefined = 'BEGIN'): Promise<HostTransaction> {
  await pool.query(create());
  const client = await pool.connect();
  await client.query(begin);
  return hostOf({
    transaction: client,
    run: (sql) => client.query(sql),
    read: async (sql) => (await pool.query(sql)).rows,
    commit: () => client.query('COMMIT'),
    rollback: () => client.query('ROLLBACK'),
    release: () => client.release(),
  });
}

/** A connection of postgres.js between BEGIN and COMMIT. */
export async function postgresJsHost(sql: Sql, begin: string | undefined = 'BEGIN'): Promise<HostTransaction> {
  await sql.unsafe(create());
  const connection = await sql.reserve();
  await connection.unsafe(begin);
  return hostOf({
    transaction: connection,
    run: (text) => connection.unsafe(text),
    read: (text) => sql.unsafe<{ text: string }[]>(text),
    commit: () => connection.unsafe('COMMIT'),
    rollback: () => connection.unsafe('ROLLBACK'),
    release: () => connection.release(),
  });
}

/** A connection of `mysql2` on which a transaction has begun. */
export async function mysqlHost(
  pool: MysqlPool,
  flavour: 'promise' | 'callback',
  isolation?: string,
): Promise<HostTransaction> {
  const promised = pool.promise();
  await promised.query(create());
  const connection = await promised.getConnection();
  if (isolation !== undefined) await connection.query(`SET TRANSACTION ISOLATION LEVEL ${isolation}`);
  await connection.beginTransaction();
  return hostOf({
    transaction: flavour === 'promise' ? connection : connection.connection,
    run: (sql) => connection.query(sql),
    read: async (sql) => (await promised.query(sql))[0] as { text: string }[],
    commit: () => connection.commit(),
    rollback: () => connection.rollback(),
    release: () => connection.release(),
  });
}

/** A handle of `node:sqlite` on the file, its own unless one is given. */
export async function sqliteHost(file: string, given?: DatabaseSync): Promise<HostTransaction> {
  const database = given ?? new DatabaseSync(file, { timeout: 0 });
  database.exec(create());
  database.exec('BEGIN IMMEDIATE');
  return hostOf({
    transaction: database,
    run: async (sql) => database.exec(sql),
    read: async (sql) => {
      const reading = new DatabaseSync(file);
      try {
        return reading.prepare(sql).all() as { text: string }[];
      } finally {
        reading.close();
      }
    },
    commit: async () => database.exec('COMMIT'),
    rollback: async () => database.exec('ROLLBACK'),
    ...(given ? { alone: true } : { release: () => database.close() }),
  });
}

/** A transaction of Kysely, controlled from outside. */
export async function kyselyHost<DB>(
  db: Kysely<DB>,
  raw: (on: Kysely<DB>, sql: string) => Promise<readonly { readonly text: string }[]>,
  {
    isolation,
    ...place
  }: {
    readonly alone: boolean;
    readonly table: string;
    readonly isolation?: 'REPEATABLE READ' | 'SERIALIZABLE' | 'READ COMMITTED' | undefined;
  },
): Promise<HostTransaction> {
  // in a transaction, since a session may commit nothing by itself
  const apart = (text: string) => db.transaction().execute((trx) => raw(trx, text));
  await apart(create(place.table));
  let given: (trx: Transaction<DB>) => void = () => {};
  const begun = new Promise<Transaction<DB>>((resolve) => {
    given = resolve;
  });
  let end: (commit: boolean) => void = () => {};
  const ended = new Promise<boolean>((resolve) => {
    end = resolve;
  });
  const rolledBack = new Error('rolled back by the host');
  const beginning = db.transaction();
  const level = isolation?.toLowerCase() as 'serializable' | undefined;
  const whole = (level === undefined ? beginning : beginning.setIsolationLevel(level))
    .execute(async (trx) => {
      given(trx);
      if (!(await ended)) throw rolledBack;
    })
    .catch((error: unknown) => {
      if (error !== rolledBack) throw error;
    });
  const trx = await begun;
  return hostOf({
    ...place,
    transaction: trx,
    run: (sql) => raw(trx, sql),
    read: apart,
    async commit() {
      end(true);
      await whole;
    },
    async rollback() {
      end(false);
      await whole;
    },
  });
}
