// The physical limit of PostgreSQL: what the engine writes for each message, in the same two commits, and nothing else.
// One data-modifying WITH for a whole commit is no quicker than its statements sent one behind the other in one trip.
import pg from 'pg';
import { type Opened, openDatabase } from '../engine/open-databases.ts';
import type { Sample } from '../rig/sample.ts';
import { servers } from '../work/servers.ts';
import { batch, type Cell, idOf, inBatches, type Life, type Row, recordLives } from './recorded-life.ts';
import { type Bound, unnest } from './unnest.ts';
import { verifyLives } from './verify-lives.ts';

const warmUp = 2_000;
const connections = 4;

/** Writes `count` messages' lives, 200 a commit, on four connections at once. */
export async function run({ count }: { readonly count: number }): Promise<Sample> {
  const opened = await openDatabase('postgres');
  const pool = new pg.Pool({
    connectionString: servers.postgres,
    max: connections,
    pipeline: true,
    // every row by an index, planned once, whether its table was empty or full then
    options: '-c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c jit=off',
  } as pg.PoolConfig);
  try {
    const lives = await recordLives(opened, warmUp + count);
    const batches = await bindAll(opened, lives);
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

/** The statements of one commit. */
type Commit = readonly Bound[];

async function writeAll(pool: pg.Pool, batches: readonly (readonly Commit[])[]): Promise<void> {
  let next = 0;
  async function write(): Promise<void> {
    const client = await pool.connect();
    const send = ({ name, text, values }: Bound) => client.query({ name, text, values: values as unknown[] });
    try {
      for (let commits = batches[next++]; commits; commits = batches[next++]) {
        for (const commit of commits) {
          await Promise.all([client.query('BEGIN'), ...commit.map(send), client.query('COMMIT')]);
        }
      }
    } finally {
      client.release();
    }
  }
  await Promise.all(Array.from({ length: connections }, write));
}

/** Every batch as its two commits, with all values made before the clock starts. */
async function bindAll(opened: Opened, lives: readonly Life[]): Promise<Commit[][]> {
  const { tables } = opened;
  const types = await typesOf(opened);
  const insert = (table: Table, rowOf: (life: Life) => Row) =>
    unnest(lives, {
      name: `insert-${table}`,
      types: types[table],
      rowOf,
      text: (from, columns, placeOf) =>
        `INSERT INTO ${tables}${table} (${columns.join(', ')}) SELECT ${columns.map(placeOf).join(', ')} FROM ${from}`,
    });
  const update = (table: Table, rowOf: (life: Life) => Row) =>
    unnest(lives, {
      name: `update-${table}`,
      types: types[table],
      rowOf,
      keys: ['scope', 'id'],
      text(from, columns, placeOf) {
        const set = columns
          .filter((column) => column !== 'scope' && column !== 'id')
          .map((column) => `${column} = ${column === 'timeline' ? 't.timeline || ' : ''}${placeOf(column)}`);
        return `UPDATE ${tables}${table} t SET ${set.join(', ')} FROM ${from} WHERE t.scope = i.scope AND t.id = i.id`;
      },
    });
  const lookUp = unnest(lives, {
    name: 'contacts',
    types: types.identifiers,
    rowOf: ({ message: { scope, address } }) => ({ scope: scope as Cell, kind: 'email', value: address as Cell }),
    keys: ['scope', 'kind', 'value'],
    text: (from) =>
      `SELECT c.id, c.data, k.hash FROM ${from} JOIN ${tables}identifiers k ON k.scope = i.scope AND k.kind = i.kind AND k.value = i.value JOIN ${tables}contacts c ON c.scope = k.scope AND c.id = k.contact_id`,
  });
  const accept = [
    lookUp,
    insert('idempotency', ({ idempotency }) => idempotency),
    insert('notifications', ({ notification }) => notification),
    insert('messages', ({ message }) => message),
  ];
  const settle = [
    update('notifications', ({ ended, notification }) => ({ ...ended, ...idOf(notification) })),
    update('messages', ({ settled, message }) => ({ ...settled, ...idOf(message) })),
    insert('contents', ({ content }) => content),
  ];
  return inBatches(lives).map((some) => [accept, settle].map((commit) => commit.map((bind) => bind(some))));
}

const tableNames = ['notifications', 'messages', 'idempotency', 'contents', 'identifiers'] as const;
type Table = (typeof tableNames)[number];

async function typesOf(opened: Opened): Promise<Record<Table, Record<string, string>>> {
  const found = tableNames.map(async (table) => {
    const rows = await opened.query(
      `SELECT attname AS name, format_type(atttypid, atttypmod) AS type FROM pg_attribute WHERE attrelid = '{tables}${table}'::regclass AND attnum > 0`,
    );
    return [table, Object.fromEntries(rows.map(({ name, type }) => [name, type]))] as const;
  });
  return Object.fromEntries(await Promise.all(found)) as Record<Table, Record<string, string>>;
}
