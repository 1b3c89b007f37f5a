import { createHash } from 'node:crypto';
import { DummyDriver, Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler } from 'kysely';
import { checkCell } from '../cells.ts';
import { ask, type Begin, type Cell, type RawRow, type Script, type Statement } from '../statement.ts';
import { type Column, columnOf, foreignKeyOf, type Index, type Table, tables } from '../tables.ts';
import type { Dialect, Insert, Name, Naming, Pick, Remove, Select, Update } from './dialect.ts';

const types = {
  scope: 'int',
  count: 'int',
  time: 'bigint',
  small: 'smallint',
  id: 'uuid',
  hash: 'bytea',
  key: 'text',
  token: 'text',
  text: 'text',
  timeline: 'text',
} as const;

// compared byte by byte, whatever the locale of the database
const collated: ReadonlySet<string> = new Set(['key', 'token']);

/** PostgreSQL: whole batches as arrays, so that one prepared text serves batches of any size. */
export function postgresDialect(naming: Naming): Dialect {
  const schema = naming.schema === null ? '' : `"${naming.schema}".`;
  const named = (table: Table): string => `${schema}"${naming.prefix}${table.name}"`;
  const input: Name = (name) => `i.${name}`;
  const old: Name = (name) => `t.${name}`;
  const gateClass = createHash('sha256').update(`${naming.schema} ${naming.prefix}`).digest().readInt32BE(0);

  // For this transaction only. Every statement goes by an index, whether its table was empty or full when it was planned,
  // and one plan serves batches of all sizes.
  const settings = `SELECT ${[
    ['lock_timeout', `${naming.lockTimeoutMs}ms`],
    ['plan_cache_mode', 'force_generic_plan'],
    ['enable_seqscan', 'off'],
    ['jit', 'off'],
    // the forms in which values travel
    ['bytea_output', 'hex'],
    ['array_nulls', 'on'],
  ]
    .map(([name, value]) => `set_config('${name}', '${value}', true)`)
    .join(', ')}`;

  function statement(
    text: string,
    columns: readonly Column[],
    gives: Statement['gives'],
    guard: Statement['guard'] = 'none',
  ): Statement {
    return {
      text,
      gives,
      guard,
      name: `tidings_${createHash('sha256').update(text).digest('hex').slice(0, 20)}`,
      bind: (rows) => [
        columns.map((column, index) => rows.map((row) => checkCell(column, row[index] as Cell) as string)),
      ],
    };
  }

  const source = (inputs: Readonly<Record<string, Column>>): string =>
    `unnest(${Object.values(inputs)
      .map((column, index) => `$${index + 1}::${types[column.type]}[]`)
      .join(', ')}) AS i (${Object.keys(inputs).join(', ')})`;

  /** Fails inside the database when a row was not changed, so that a commit sent along cannot succeed. */
  function guarded(text: string, inputs: Readonly<Record<string, Column>>): Statement {
    const columns = Object.values(inputs);
    const count = `cardinality($1::${types[columns[0]?.type ?? 'scope']}[])`;
    return statement(
      `WITH u AS (${text} RETURNING 1) SELECT 1 / (CASE WHEN count(*) = ${count} THEN 1 ELSE 0 END) AS ok FROM u`,
      columns,
      'rows',
      'raises',
    );
  }

  // named one by one: a prepared statement must not change its result when a later version adds a column
  const given = tables.messages.columns.map(({ name }) => name).join(', ');
  function band(priority: number, room: string): string {
    return `b${priority} AS MATERIALIZED (SELECT m.* FROM l CROSS JOIN LATERAL (SELECT ${given} FROM ${named(tables.messages)} m WHERE m.lane = l.lane AND m.priority = ${priority} AND m.due_at <= l.due ORDER BY m.due_at LIMIT ${room} FOR UPDATE SKIP LOCKED) m)`;
  }
  const taken = (priority: number): string => `(SELECT count(*) FROM b${priority} WHERE b${priority}.lane = l.lane)`;
  const picking = statement(
    [
      'WITH l AS MATERIALIZED (SELECT * FROM unnest($1::text[], $2::int[], $3::bigint[]) AS l (lane, room, due))',
      band(0, 'l.room'),
      band(1, `greatest(0, l.room - ${taken(0)})`),
      `${band(2, `greatest(0, l.room - ${taken(0)} - ${taken(1)})`)} SELECT ${given} FROM b0 UNION ALL SELECT ${given} FROM b1 UNION ALL SELECT ${given} FROM b2`,
    ].join(', '),
    ['lane', 'epoch', 'due_at'].map((name) => columnOf(tables.messages, name)),
    'rows',
  );

  function gates(gate: Begin['gate'], scopes: readonly number[]): readonly string[] {
    const lock = gate === 'exclusive' ? 'pg_advisory_xact_lock' : 'pg_advisory_xact_lock_shared';
    return gate === 'none' ? [] : scopes.map((scope) => `SELECT ${lock}(${gateClass}, ${Number(scope) | 0})`);
  }

  const typeOf = ({ type }: Column): string => `${types[type]}${collated.has(type) ? ' COLLATE "C"' : ''}`;
  const addIndex = (table: Table, { name, columns, unique, where }: Index): string =>
    `CREATE ${unique ? 'UNIQUE ' : ''}INDEX IF NOT EXISTS "${naming.prefix}${table.name}_${name}" ON ${named(table)} (${columns.join(', ')})${where ? ` WHERE ${where}` : ''}`;

  return {
    name: 'postgres',
    table: named,
    countsUpserts: true,
    insert({ table, columns, fixed = {}, existing, where }: Insert) {
      const inputs = Object.fromEntries(columns.map((name) => [name, columnOf(table, name)]));
      const names = [...columns, ...Object.keys(fixed)].join(', ');
      const values = [...columns.map(input), ...Object.values(fixed)].join(', ');
      let text = `INSERT INTO ${named(table)} AS t (${names}) SELECT ${values} FROM ${source(inputs)}`;
      if (where) text += ` WHERE ${where(input)}`;
      const fresh: Name = (name) => `excluded.${name}`;
      if (existing === 'keep') text += ` ON CONFLICT (${table.key.join(', ')}) DO NOTHING`;
      else if (existing) {
        text += ` ON CONFLICT (${table.key.join(', ')}) DO UPDATE SET ${assignments(existing.set(fresh, old))}`;
        if (existing.where) text += ` WHERE ${existing.where(fresh, old)}`;
      }
      const counts = where !== undefined || (typeof existing === 'object' && existing.where !== undefined);
      return counts ? guarded(text, inputs) : statement(text, Object.values(inputs), 'changes');
    },
    update({ table, inputs, match, set, guard }: Update) {
      const text = `UPDATE ${named(table)} AS t SET ${assignments(set(input, old))} FROM ${source(inputs)} WHERE ${match(input, old).join(' AND ')}`;
      return guard ? guarded(text, inputs) : statement(text, Object.values(inputs), 'changes');
    },
    remove({ table, inputs, match }: Remove) {
      const text = `DELETE FROM ${named(table)} AS t USING ${source(inputs)} WHERE ${match(input, old).join(' AND ')}`;
      return statement(text, Object.values(inputs), 'changes');
    },
    select({ inputs, give, from, lock, skipLocked }: Select) {
      let text = `SELECT ${give(input).join(', ')} FROM ${source(inputs)}`;
      for (const { table, on, left } of from?.(input) ?? []) {
        text += ` ${left ? 'LEFT JOIN' : 'JOIN'} ${table} ON ${on.join(' AND ')}`;
      }
      if (lock) text += ` ORDER BY ${lock.join(', ')} FOR UPDATE OF t${skipLocked ? ' SKIP LOCKED' : ''}`;
      return statement(text, Object.values(inputs), 'rows');
    },
    begin({ mode, gate, scopes }: Begin) {
      if (mode === 'snapshot') return ['BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY', settings];
      // each gate a statement of its own: what follows must see what was committed while waiting there
      return ['BEGIN ISOLATION LEVEL READ COMMITTED', settings, ...gates(gate, scopes)];
    },
    gates,
    once(text, params) {
      return { statement: { text, gives: 'rows', guard: 'none', name: null, bind: () => [params] }, rows: [[]] };
    },
    param: (column, value) => checkCell(column, value),
    concat: (a, b) => `${a} || ${b}`,
    greatest: (a, b) => `greatest(${a}, ${b})`,
    read: (_, expression) => expression,
    aside: (column) => column,
    clock: 'floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint',
    *pick(picks: readonly Pick[]): Script<readonly RawRow[]> {
      const [answer] = yield* ask([
        { statement: picking, rows: picks.map(({ lane, room, due }) => [lane, room, due]) },
      ]);
      return answer?.rows ?? [];
    },
    waitingLanes: `WITH RECURSIVE l (lane) AS ((SELECT min(lane) FROM ${named(tables.messages)} WHERE due_at IS NOT NULL) UNION ALL SELECT (SELECT min(m.lane) FROM ${named(tables.messages)} m WHERE m.due_at IS NOT NULL AND m.lane > l.lane) FROM l WHERE l.lane IS NOT NULL) SELECT lane FROM l WHERE lane IS NOT NULL`,
    create: (all) =>
      all.flatMap((table) => {
        const columns = table.columns.map((column) => {
          if (table.numbered && column.name === 'id') return 'id int GENERATED ALWAYS AS IDENTITY';
          return `${column.name} ${typeOf(column)}${column.nullable ? '' : ' NOT NULL'}`;
        });
        columns.push(`PRIMARY KEY (${table.key.join(', ')})`);
        if (naming.foreignKeys) columns.push(...foreignKeyOf(table, named));
        return [
          `CREATE TABLE IF NOT EXISTS ${named(table)} (${columns.join(', ')})`,
          ...table.indexes.map((index) => addIndex(table, index)),
        ];
      }),
    addColumn: (table, column) =>
      `ALTER TABLE ${named(table)} ADD COLUMN IF NOT EXISTS ${column.name} ${typeOf(column)}`,
    addIndex,
    builder: new Kysely({
      dialect: {
        createAdapter: () => new PostgresAdapter(),
        createDriver: () => new DummyDriver(),
        createIntrospector: (db) => new PostgresIntrospector(db),
        createQueryCompiler: () => new PostgresQueryCompiler(),
      },
    }),
    scrub: null,
    migration: {
      table: (name) => `CREATE TABLE IF NOT EXISTS ${name} (version int PRIMARY KEY)`,
      note: (name, version) => `INSERT INTO ${name} (version) VALUES (${version})`,
      transactional: true,
      // scopes are numbered from 1, so 0 is free
      lock: `SELECT 1 AS locked FROM pg_advisory_xact_lock(${gateClass}, 0)`,
      unlock: [],
    },
  };
}

const assignments = (set: Readonly<Record<string, string>>): string =>
  Object.entries(set)
    .map(([column, expression]) => `${column} = ${expression}`)
    .join(', ');
