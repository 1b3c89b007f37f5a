import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import pg from 'pg';
import type { Cell, Life, Row } from '../ceiling/recorded-life.ts';
import { servers } from '../work/servers.ts';

/** Writes what accepting one message writes: the contact looked up, then three rows in one transaction. */
export interface ByHand {
  accept(life: Life): Promise<void>;
  close(): Promise<void>;
}

interface Texts {
  readonly lookUp: string;
  insert(table: string, columns: readonly string[]): string;
}

// `mark` is what stands for the value of that number
const textsOf = (tables: string, mark: (number: number) => string): Texts => ({
  lookUp: `SELECT c.id, c.version, c.data, k.hash FROM ${tables}identifiers k JOIN ${tables}contacts c ON c.scope = k.scope AND c.id = k.contact_id WHERE k.scope = ${mark(1)} AND k.kind = ${mark(2)} AND k.value = ${mark(3)}`,
  insert: (table, columns) =>
    `INSERT INTO ${tables}${table} (${columns.join(', ')}) VALUES (${columns.map((_, index) => mark(index + 1)).join(', ')})`,
});

const rowsOf = (life: Life): readonly (readonly [table: string, row: Row])[] => [
  ['idempotency', life.idempotency],
  ['notifications', life.notification],
  ['messages', life.message],
];

const filledColumns = (row: Row): string[] => Object.keys(row).filter((column) => row[column] !== null);
const contactKey = ({ message }: Life): Cell[] => [message.scope as Cell, 'email', message.address as Cell];

/** On the handle that the engine has too; each statement is prepared once. */
export function byHandOnSqlite(database: DatabaseSync, tables: string, sample: Life): ByHand {
  const texts = textsOf(tables, () => '?');
  const [begin, commit, lookUp] = ['BEGIN IMMEDIATE', 'COMMIT', texts.lookUp].map((text) => database.prepare(text)) as [
    ReturnType<DatabaseSync['prepare']>,
    ReturnType<DatabaseSync['prepare']>,
    ReturnType<DatabaseSync['prepare']>,
  ];
  const inserts = rowsOf(sample).map(([table, row]) => {
    const columns = filledColumns(row);
    return { columns, statement: database.prepare(texts.insert(table, columns)) };
  });
  return {
    async accept(life) {
      begin.run();
      if (!lookUp.get(...(contactKey(life) as SQLInputValue[]))) throw new Error('No such contact.');
      for (const [index, [, row]] of rowsOf(life).entries()) {
        const { columns, statement } = inserts[index] as (typeof inserts)[number];
        statement.run(...columns.map((column) => row[column] as SQLInputValue));
      }
      commit.run();
    },
    close: () => Promise.resolve(),
  };
}

/** As most write it: a client of a pool, and named statements, each awaited before the next is sent. */
export function byHandOnPostgres(tables: string, sample: Life): ByHand {
  const pool = new pg.Pool({ connectionString: servers.postgres, max: 10 });
  const texts = textsOf(tables, (number) => `$${number}`);
  const inserts = rowsOf(sample).map(([table, row]) => {
    const columns = filledColumns(row);
    return { name: `insert-${table}`, columns, text: texts.insert(table, columns) };
  });
  return {
    async accept(life) {
      const client = await pool.connect();
      try {
        await client.query('BEGIN');
        const { rows } = await client.query({ name: 'contact', text: texts.lookUp, values: contactKey(life) });
        if (rows.length !== 1) throw new Error('No such contact.');
        for (const [index, [, row]] of rowsOf(life).entries()) {
          const { name, text, columns } = inserts[index] as (typeof inserts)[number];
          await client.query({ name, text, values: columns.map((column) => row[column]) });
        }
        await client.query('COMMIT');
      } catch (error) {
        await client.query('ROLLBACK');
        throw error;
      } finally {
        client.release();
      }
    },
    close: () => pool.end(),
  };
}
