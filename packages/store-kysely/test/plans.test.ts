import { DatabaseSync } from 'node:sqlite';
import { databases, isolatedMariadb, isolatedPostgres, isolatedSqlite, newId } from '@tidings/testing';
import { describe, expect, it } from 'vitest';
import { claimStatements } from '../src/claim-statements.ts';
import { type Context, createContext } from '../src/context.ts';
import type { Dialect, Naming } from '../src/dialects/dialect.ts';
import { mysqlDialect } from '../src/dialects/mysql.ts';
import { postgresDialect } from '../src/dialects/postgres.ts';
import { sqliteDialect } from '../src/dialects/sqlite.ts';
import { mysqlStore, postgresStore, sqliteStore } from '../src/index.ts';
import { listMessages, listNotifications } from '../src/lists.ts';
import { endedNotifications, expiredKeys, oldContents, openMessages } from '../src/prune.ts';
import { inputsOf, readStatements } from '../src/read-statements.ts';
import type { Answer, Cell, Driver, Query, Script } from '../src/statement.ts';
import { tables } from '../src/tables.ts';
import { writeStatements } from '../src/write-statements.ts';
import { fill } from './fill.ts';

const naming: Naming = { prefix: 'tidings_', schema: null, lockTimeoutMs: 250, foreignKeys: false };

type Explain = (query: Query) => Promise<readonly string[]>;
/** Whether a query goes along a stretch of an index and stops at its limit, or reads everything to sort it. */
type Along = (query: Query) => Promise<{ readonly range: boolean; readonly sorts: boolean; readonly plan: unknown }>;

/** A database, and what of our tables a plan reads from end to end, or of a whole scope. */
const servers = {
  async sqlite() {
    const { file, drop } = await isolatedSqlite();
    const store = sqliteStore(file);
    await store.migrate();
    const database = new DatabaseSync(file);
    const planOf = ({ statement, rows }: Query): readonly string[] => {
      const [params = []] = statement.bind(rows);
      const plan = database.prepare(`EXPLAIN QUERY PLAN ${statement.text}`).all(...(params as never[]));
      return plan.map(({ detail }) => String(detail));
    };
    const explain: Explain = async (query) =>
      planOf(query).filter((detail) => /^SCAN (?!CONSTANT|l$|\(sub)|\(scope=\?\)/.test(detail));
    const along: Along = async (query) => {
      const plan = planOf(query);
      return {
        range: plan.some((line) => /^SEARCH t USING .*INDEX .*_at>\? AND .*_at<\?\)/.test(line)),
        // what is of one moment may be sorted
        sorts: plan.some((line) => /TEMP B-TREE FOR ORDER BY/.test(line)),
        plan,
      };
    };
    const analyse = async (): Promise<void> => database.exec('ANALYZE');
    return {
      store,
      dialect: sqliteDialect(naming),
      explain,
      along,
      analyse,
      drop: async () => {
        database.close();
        await store.close();
        await drop();
      },
    };
  },
  async postgres() {
    const { pool, drop } = await isolatedPostgres();
    const store = postgresStore(pool);
    await store.migrate();
    const dialect = postgresDialect(naming);
    const planOf = async ({ statement, rows }: Query): Promise<readonly string[]> => {
      const [params = []] = statement.bind(rows);
      const client = await pool.connect();
      for (const text of dialect.begin({ mode: 'write', gate: 'none', scopes: [] })) await client.query(text);
      // one plan for all batches: so it can be had without any
      if (statement.name !== null) await client.query(`PREPARE planned AS ${statement.text}`);
      const nulls = params.length > 0 ? `(${params.map(() => 'NULL').join(', ')})` : '';
      const { rows: plan } =
        statement.name === null
          ? await client.query(`EXPLAIN ${statement.text}`, params as unknown[])
          : await client.query(`EXPLAIN EXECUTE planned ${nulls}`);
      await client.query('ROLLBACK; DEALLOCATE ALL');
      client.release();
      return plan.map((row) => String(row['QUERY PLAN']));
    };
    const explain: Explain = async (query) =>
      (await planOf(query)).filter((line) => /Seq Scan|Index Cond: \(scope = [^ ]+\)$/.test(line));
    const along: Along = async (query) => {
      const plan = await planOf(query);
      return {
        range: plan.some((line) => /Index Cond: \(\(\w+_at <= .*\) AND \(\w+_at >= /.test(line)),
        sorts: plan.some((line) => /^\s*(-> +)?Sort +\(cost/.test(line)),
        plan,
      };
    };
    const analyse = async (): Promise<void> => {
      // what was written in batches of hundreds of one moment, as if it had come bit by bit
      await pool.query('UPDATE tidings_contents SET created_at = created_at - (random() * 1000000)::int');
      await pool.query('UPDATE tidings_notifications SET completed_at = completed_at - (random() * 1000000)::int');
      await pool.query('ANALYZE');
    };
    return { store, dialect, explain, along, analyse, drop };
  },
  async mariadb() {
    const { pool, drop } = await isolatedMariadb();
    const store = mysqlStore(pool);
    await store.migrate();
    type Step = { table: string | null; type: string | null; key_len: string | null; Extra: string };
    const planOf = async ({ statement, rows }: Query): Promise<readonly Step[]> => {
      const [params = []] = statement.bind(rows);
      const text = statement.text.replace(/^\/\*M!.*?\*\/ /, '');
      const [plan] = await pool.promise().query(`EXPLAIN ${text}`, params as unknown[]);
      return plan as Step[];
    };
    const explain: Explain = async (query) =>
      (await planOf(query))
        .filter(
          ({ table, type, key_len, Extra }) =>
            table !== 'i' &&
            // 4 bytes of a key are its scope
            (type === 'ALL' || key_len === '4') &&
            !Extra.includes('json_table') &&
            !table?.startsWith('<'),
        )
        .map((row) => JSON.stringify(row));
    const along: Along = async (query) => {
      const plan = await planOf(query);
      return {
        range: plan.every(({ type }) => type === 'range'),
        sorts: plan.some(({ Extra }) => Extra.includes('filesort')),
        plan,
      };
    };
    const analyse = (): Promise<unknown> =>
      pool.promise().query(
        `ANALYZE TABLE ${Object.values(tables)
          .map(({ name }) => `tidings_${name}`)
          .join(', ')}`,
      );
    return { store, dialect: mysqlDialect(naming), explain, along, analyse, drop };
  },
};

/** Gives no rows and notes what was asked. */
function recorder(asked: Query[]): Driver {
  return {
    async transaction<R>(_: unknown, script: () => Script<R>): Promise<R> {
      const running = script();
      let step = running.next();
      while (!step.done) {
        asked.push(...step.value.queries);
        step = running.next(step.value.queries.map((): Answer => ({ rows: [], changes: 0 })));
      }
      return step.value;
    },
    async sequence() {},
    async close() {},
  };
}

/** What a chunk of a run finds its rows by, at the beginning and behind a place. */
function pruneQueries(context: Context): readonly (readonly [string, Query])[] {
  const until = Date.now() + 86_400_000;
  const place = [Date.now() - 500_000, 1, newId()] as const;
  return [
    ['expired keys', expiredKeys(context, until, 0, 100)],
    ['expired keys, further on', expiredKeys(context, until, place[0], 100)],
    ['old contents', oldContents(context, until, undefined, 100)],
    ['old contents, further on', oldContents(context, until, place, 100)],
    ['ended notifications', endedNotifications(context, until, undefined, 100)],
    ['ended notifications, further on', endedNotifications(context, until, place, 100)],
  ];
}

/** Every statement of the hot paths, with input for so many rows. */
async function hotQueries(dialect: Dialect, rows: number): Promise<ReadonlyMap<string, Query>> {
  const reads = readStatements(dialect);
  const writes = writeStatements(dialect);
  const claims = claimStatements(dialect);
  const keys = (...cells: readonly Cell[]): readonly (readonly Cell[])[] =>
    Array.from({ length: rows }, () => [1, newId(), ...cells]);
  const hash = new Uint8Array(32);
  const message = {
    status: 'sent',
    attempts: 1,
    lane: 'a',
    dueIn: null,
    calling: false,
    leaseIn: null,
    provider: 'p',
    providerId: '1',
  } as const;
  const nothing = { reason: null, errorCode: null, error: null, language: null } as const;
  const run = {
    status: 'completed',
    completed: true,
    cursors: null,
    openSteps: 0,
    dueIn: null,
    leaseIn: null,
  } as const;
  const asked: Query[] = [];
  const context = createContext(dialect, recorder(asked), { now: () => 1, budgetMs: 0, isClosed: () => false });
  await listMessages(context, { scope: 1, limit: 50, contactId: newId() });
  await listMessages(context, { scope: 1, limit: 50, openTo: hash });
  await listMessages(context, { scope: 1, limit: 50 });
  await listNotifications(context, { scope: 1, limit: 50, contactId: newId() });
  const [messagesOfContact, openToAddress, allMessages, notificationsOfContact] = asked as [Query, Query, Query, Query];
  asked.length = 0;
  const picking = dialect.pick([{ lane: 'lane1', room: 50, due: 1 }]);
  const { value } = picking.next();
  const [pick] = (value as { queries: readonly Query[] }).queries;
  const provider = dialect.select({
    inputs: inputsOf(tables.messages, 'provider', 'provider_id'),
    give: () => ['t.scope', 't.id'],
    from: (input) => [
      {
        table: `${dialect.table(tables.messages)} t`,
        on: [`t.provider = ${input('provider')}`, `t.provider_id = ${input('provider_id')}`],
      },
    ],
  });
  return new Map<string, Query>([
    [
      'contacts by identifier',
      {
        statement: reads.contactsByIdentifier,
        rows: keys().map(([scope, id]) => [scope as Cell, 'email', `${id}@example.com`]),
      },
    ],
    ['contacts by id', { statement: reads.contactsById, rows: keys() }],
    [
      'idempotency',
      { statement: reads.idempotency, rows: keys().map(([scope, id]) => [scope as Cell, 'welcome', id as Cell]) },
    ],
    ['suppressions', { statement: reads.suppressions, rows: keys().map(() => [1, hash]) }],
    ['notifications', { statement: reads.lockedNotifications, rows: keys() }],
    ['messages of a notification', { statement: reads.lockedMessagesOf, rows: keys() }],
    ['messages', { statement: reads.lockedMessages, rows: keys() }],
    ['contents', { statement: reads.contents, rows: keys() }],
    [
      'recipients',
      { statement: reads.recipients, rows: keys().map(([scope, id]) => [scope as Cell, 'b', id as Cell]) },
    ],
    [
      'settle a message',
      {
        statement: writes.updateMessage.statement,
        rows: keys().map(([, id]) =>
          writes.updateMessage.cells(
            { scope: 1, id: String(id), epoch: 1, ...message, ...nothing, reached: ['sent'], timeline: [] },
            1,
          ),
        ),
      },
    ],
    [
      'settle a notification',
      {
        statement: writes.updateNotification.statement,
        rows: keys().map(([, id]) =>
          writes.updateNotification.cells(
            { scope: 1, id: String(id), version: 1, ...run, errorCode: null, error: null },
            1,
          ),
        ),
      },
    ],
    ['lease', { statement: claims.lease, rows: keys(1, 1) }],
    ['leases held, locked', { statement: claims.lockedLeases, rows: keys(1) }],
    ['leases held', { statement: claims.leases, rows: keys(1) }],
    ['renew', { statement: claims.renew, rows: keys(1) }],
    ['siblings', { statement: claims.siblings, rows: keys() }],
    ['next due', { statement: claims.nextDue, rows: [['lane1'], ['lane2']] }],
    ['waiting lanes', dialect.once(dialect.waitingLanes, [])],
    ['pick', pick as Query],
    ['messages of a contact', messagesOfContact],
    ['open messages to an address', openToAddress],
    ['newest messages', allMessages],
    ['notifications of a contact', notificationsOfContact],
    ...pruneQueries(context),
    ['open among messages', { statement: openMessages(context, 'id'), rows: keys() }],
    ['open among those of notifications', { statement: openMessages(context, 'notification_id'), rows: keys() }],
    ['provider id', { statement: provider, rows: [['ses', 'id1']] }],
  ]);
}

describe.each(databases(['sqlite', 'postgres', 'mariadb']) as readonly (keyof typeof servers)[])(
  'plans on %s',
  (name) => {
    it('read no table from end to end', async () => {
      const { store, dialect, explain, analyse, drop } = await servers[name]();
      async function scans(): Promise<Record<string, readonly string[]>> {
        const all: Record<string, readonly string[]> = {};
        for (const rows of [1, 200]) {
          for (const [what, query] of await hotQueries(dialect, rows)) {
            const found = await explain(query);
            // the list of everything goes along its scope, and stops at its limit
            if (found.length > 0 && what !== 'newest messages') all[`${what}, ${rows}`] = found;
          }
        }
        return all;
      }
      const scope = await store.scope('tenant', 'live');
      // MariaDB plans anew each time, and reads an empty table as it likes
      if (name !== 'mariadb') expect(await scans()).toEqual({});
      await fill(store, scope, 20);
      await analyse();
      expect(await scans()).toEqual({});
      await drop();
    }, 120_000);

    it('prune along a stretch of an index, wherever a chunk begins', async () => {
      const { store, dialect, along, analyse, drop } = await servers[name]();
      const scope = await store.scope('tenant', 'live');
      await fill(store, scope, 20);
      await analyse();
      const context = createContext(dialect, recorder([]), { now: () => 1, budgetMs: 0, isClosed: () => false });
      for (const [what, query] of pruneQueries(context)) {
        const { range, sorts, plan } = await along(query);
        // without a lower bound it is told by not sorting; of the little that is left behind a place, PostgreSQL may sort all
        const good = what.endsWith('further on') ? range : !sorts;
        expect({ what, good }, JSON.stringify(plan)).toEqual({ what, good: true });
      }
      await drop();
    }, 120_000);
  },
);
