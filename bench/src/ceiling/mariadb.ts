// The physical limit of MariaDB: what the engine writes for each message, in the same two commits, and nothing else.
// A commit is one text in one trip: inserts of many rows, updates that choose by id. Joins with JSON_TABLE or with VALUES, and
// rows put again over those there (ON DUPLICATE KEY UPDATE), took as long or longer.
import mysql from 'mysql2/promise';
import { type Opened, openDatabase } from '../engine/open-databases.ts';
import type { Sample } from '../rig/sample.ts';
import { servers } from '../work/servers.ts';
import { batch, type Cell, idOf, inBatches, type Life, type Row, recordLives } from './recorded-life.ts';
import { verifyLives } from './verify-lives.ts';

const warmUp = 2_000;
const connections = 4;

/** Writes `count` messages' lives, 200 a commit, on four connections at once. */
export async function run({ count }: { readonly count: number }): Promise<Sample> {
  const opened = await openDatabase('mariadb');
  const pool = mysql.createPool({
    uri: servers.mariadb,
    connectionLimit: connections,
    multipleStatements: true,
  });
  try {
    const lives = await recordLives(opened, warmUp + count);
    // all texts are made before the clock starts
    const batches = inBatches(lives).map((some) => [acceptOf(opened, some), settleOf(opened, some)]);
    await writeAll(pool, batches.slice(0, warmUp / batch));
    const begun = performance.now();
    await writeAll(pool, batches.slice(warmUp / batch));
    const took = performance.now() - begun;
    await verifyLives(opened, warmUp + count);
    return { rate: (count / took) * 1000 };
  } finally {
    await pool.end();
    await opened.store.close();
    await opened.close();
  }
}

async function writeAll(pool: mysql.Pool, batches: readonly (readonly string[])[]): Promise<void> {
  let next = 0;
  async function write(): Promise<void> {
    const connection = await pool.getConnection();
    try {
      await connection.query('SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED');
      for (let commits = batches[next++]; commits; commits = batches[next++]) {
        for (const commit of commits) await connection.query(commit);
      }
    } finally {
      connection.release();
    }
  }
  await Promise.all(Array.from({ length: connections }, write));
}

function acceptOf({ tables }: Opened, lives: readonly Life[]): string {
  const { scope } = (lives[0] as Life).message;
  const addresses = lives.map(({ message }) => literal(message.address));
  return inTransaction(
    `SELECT c.id, c.data, k.hash FROM ${tables}identifiers k JOIN ${tables}contacts c ON c.scope = k.scope AND c.id = k.contact_id WHERE k.scope = ${scope} AND k.kind = 'email' AND k.value IN (${addresses.join(', ')})`,
    insertOf(
      `${tables}idempotency`,
      lives.map(({ idempotency }) => idempotency),
    ),
    insertOf(
      `${tables}notifications`,
      lives.map(({ notification }) => notification),
    ),
    insertOf(
      `${tables}messages`,
      lives.map(({ message }) => message),
    ),
  );
}

function settleOf({ tables }: Opened, lives: readonly Life[]): string {
  return inTransaction(
    updateOf(
      `${tables}notifications`,
      lives.map(({ ended, notification }) => ({ ...ended, ...idOf(notification) })),
    ),
    updateOf(
      `${tables}messages`,
      lives.map(({ settled, message }) => ({ ...settled, ...idOf(message) })),
    ),
    insertOf(
      `${tables}contents`,
      lives.map(({ content }) => content),
    ),
  );
}

const inTransaction = (...statements: readonly string[]): string => ['BEGIN', ...statements, 'COMMIT'].join('; ');

function insertOf(table: string, rows: readonly Row[]): string {
  const columns = Object.keys(rows[0] as Row).filter((column) => rows.some((row) => row[column] !== null));
  const tuples = rows.map((row) => `(${columns.map((column) => literal(row[column])).join(', ')})`);
  return `INSERT INTO ${table} (${columns.join(', ')}) VALUES ${tuples.join(', ')}`;
}

/** What is one value for all rows is set as one. */
function updateOf(table: string, rows: readonly Row[]): string {
  const ids = rows.map((row) => literal(row.id));
  const set = Object.keys(rows[0] as Row)
    .filter((column) => column !== 'scope' && column !== 'id')
    .map((column) => {
      const values = rows.map((row) => literal(row[column]));
      const value =
        new Set(values).size === 1
          ? values[0]
          : `CASE id ${values.map((one, index) => `WHEN ${ids[index]} THEN ${one}`).join(' ')} END`;
      return `${column} = ${column === 'timeline' ? `CONCAT(timeline, ${value})` : value}`;
    });
  return `UPDATE ${table} SET ${set.join(', ')} WHERE scope = ${literal(rows[0]?.scope)} AND id IN (${ids.join(', ')})`;
}

function literal(cell: Cell | undefined): string {
  if (cell instanceof Uint8Array) return `X'${Buffer.from(cell).toString('hex')}'`;
  return mysql.escape(cell);
}
