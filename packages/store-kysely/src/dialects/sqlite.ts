import { createHash } from 'node:crypto';
import { DummyDriver, Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from 'kysely';
import { checkCell, idBytes } from '../cells.ts';
import { ask, type Cell, type Param, type RawRow, type Script, type Statement } from '../statement.ts';
import { type Column, columnOf, foreignKeyOf, type Index, type Table, tables } from '../tables.ts';
import type { Dialect, Insert, Name, Naming, Pick, Remove, Select, Update } from './dialect.ts';

const types = {
  scope: 'INTEGER',
  count: 'INTEGER',
  time: 'INTEGER',
  small: 'INTEGER',
  id: 'BLOB',
  hash: 'BLOB',
  key: 'TEXT',
  token: 'TEXT',
  text: 'TEXT',
  timeline: 'TEXT',
} as const;

const encode = (column: Column, value: Cell): Param => {
  const cell = checkCell(column, value);
  return column.type === 'id' && typeof cell === 'string' ? idBytes(cell) : cell;
};

/** SQLite: in-process, so statements run row by row; plain `?`, since not every driver takes numbered parameters. */
export function sqliteDialect(naming: Naming): Dialect {
  const named = (table: Table): string => `${naming.prefix}${table.name}`;
  const marked: Name = (name) => `\u0001${name}\u0001`;
  const old: Name = (name) => `t.${name}`;

  function statement(
    text: string,
    inputs: Readonly<Record<string, Column>>,
    gives: Statement['gives'],
    guard: Statement['guard'] = 'none',
  ): Statement {
    const names = Object.keys(inputs);
    const columns = Object.values(inputs);
    const order: number[] = [];
    const plain = text.replace(/\u0001(\w+)\u0001/g, (_, name: string) => {
      order.push(names.indexOf(name));
      return '?';
    });
    const inOrder = order.length === columns.length && order.every((index, place) => index === place);
    return {
      text: plain,
      gives,
      guard,
      name: createHash('sha256').update(plain).digest('hex').slice(0, 16),
      bind: (rows) =>
        rows.map((row) => {
          const encoded = columns.map((column, index) => encode(column, row[index] as Cell));
          if (inOrder) return encoded;
          return order.map((index) => encoded[index] as Param);
        }),
    };
  }

  function inputsOf(table: Table, names: readonly string[]): Record<string, Column> {
    return Object.fromEntries(names.map((name) => [name, columnOf(table, name)]));
  }

  const band = (priority: number): Statement =>
    statement(
      `SELECT ${tables.messages.columns.map(({ name }) => `${name} AS ${name}`).join(', ')} FROM ${named(tables.messages)} WHERE lane = ${marked('lane')} AND priority = ${priority} AND due_at <= ${marked('due')} ORDER BY due_at LIMIT ${marked('room')}`,
      {
        lane: columnOf(tables.messages, 'lane'),
        due: columnOf(tables.messages, 'due_at'),
        room: columnOf(tables.messages, 'epoch'),
      },
      'rows',
    );
  const bands = [band(0), band(1), band(2)];

  const addIndex = (table: Table, { name, columns, unique, where }: Index): string =>
    `CREATE ${unique ? 'UNIQUE ' : ''}INDEX IF NOT EXISTS ${named(table)}_${name} ON ${named(table)} (${columns.join(', ')})${where ? ` WHERE ${where}` : ''}`;

  return {
    name: 'sqlite',
    table: named,
    countsUpserts: true,
    insert({ table, columns, fixed = {}, existing, where: given }: Insert) {
      const values = [...columns.map(marked), ...Object.values(fixed)].join(', ');
      const base = `INSERT INTO ${named(table)} AS t (${[...columns, ...Object.keys(fixed)].join(', ')}) ${given ? `SELECT ${values} WHERE ${given(marked)}` : `VALUES (${values})`}`;
      const inputs = inputsOf(table, columns);
      if (!existing) return statement(base, inputs, 'changes', given ? 'counts' : 'none');
      const target = `${base} ON CONFLICT (${table.key.join(', ')}) DO`;
      if (existing === 'keep') return statement(`${target} NOTHING`, inputs, 'changes');
      const fresh: Name = (name) => `excluded.${name}`;
      const where = existing.where ? ` WHERE ${existing.where(fresh, old)}` : '';
      const text = `${target} UPDATE SET ${assignments(existing.set(fresh, old))}${where}`;
      return statement(text, inputs, 'changes', existing.where ? 'counts' : 'none');
    },
    update({ table, inputs, match, set, guard }: Update) {
      const text = `UPDATE ${named(table)} AS t SET ${assignments(set(marked, old))} WHERE ${match(marked, old).join(' AND ')}`;
      return statement(text, inputs, 'changes', guard ? 'counts' : 'none');
    },
    remove({ table, inputs, match }: Remove) {
      const text = `DELETE FROM ${named(table)} AS t WHERE ${match(marked, old).join(' AND ')}`;
      return statement(text, inputs, 'changes');
    },
    select({ inputs, give, from }: Select) {
      const sources = from?.(marked) ?? [];
      const [first, ...joined] = sources;
      let text = `SELECT ${give(marked).join(', ')}`;
      if (first) {
        text += ` FROM ${first.table}`;
        // a cross join is made in the order written
        for (const { table, on, left } of joined) {
          text += ` ${left ? 'LEFT JOIN' : 'CROSS JOIN'} ${table} ON ${on.join(' AND ')}`;
        }
        text += ` WHERE ${first.on.join(' AND ')}`;
      }
      return statement(text, inputs, 'rows');
    },
    settings: null,
    begin: ({ mode }) => [mode === 'write' ? 'BEGIN IMMEDIATE' : 'BEGIN'],
    gates: () => [],
    once(text, params) {
      return {
        statement: { text, gives: 'rows', guard: 'none', name: null, bind: () => [params] },
        rows: [[]],
      };
    },
    param: encode,
    concat: (a, b) => `${a} || ${b}`,
    greatest: (a, b) => `MAX(${a}, ${b})`,
    read: (_, expression) => expression,
    aside: (column) => `+${column}`,
    clock: null,
    *pick(picks: readonly Pick[]): Script<readonly RawRow[]> {
      const left = picks.map((pick) => ({ ...pick }));
      const picked: RawRow[] = [];
      for (const statement of bands) {
        for (const pick of left) {
          if (pick.room <= 0) continue;
          const [answer] = yield* ask([{ statement, rows: [[pick.lane, pick.due, pick.room]] }]);
          const rows = answer?.rows ?? [];
          pick.room -= rows.length;
          picked.push(...rows);
        }
      }
      return picked;
    },
    waitingLanes: `WITH RECURSIVE l (lane) AS (SELECT (SELECT min(lane) FROM ${named(tables.messages)} WHERE due_at IS NOT NULL) UNION ALL SELECT (SELECT min(m.lane) FROM ${named(tables.messages)} m WHERE m.due_at IS NOT NULL AND m.lane > l.lane) FROM l WHERE l.lane IS NOT NULL) SELECT lane AS lane FROM l WHERE lane IS NOT NULL`,
    create: (all) =>
      all.flatMap((table) => {
        const columns = table.columns.map((column) => {
          if (table.numbered && column.name === 'id') return 'id INTEGER PRIMARY KEY';
          return `${column.name} ${types[column.type]}${column.nullable ? '' : ' NOT NULL'}`;
        });
        // rows kept in the tree of their key cost less, unless they are long
        const clustered = !table.long && !table.numbered;
        if (!table.numbered) columns.push(`${clustered ? 'PRIMARY KEY' : 'UNIQUE'} (${table.key.join(', ')})`);
        if (naming.foreignKeys) columns.push(...foreignKeyOf(table, named));
        return [
          `CREATE TABLE IF NOT EXISTS ${named(table)} (${columns.join(', ')}) STRICT${clustered ? ', WITHOUT ROWID' : ''}`,
          ...table.indexes.map((index) => addIndex(table, index)),
        ];
      }),
    addColumn: (table, { name, type }) => `ALTER TABLE ${named(table)} ADD COLUMN ${name} ${types[type]}`,
    addIndex,
    builder: new Kysely({
      dialect: {
        createAdapter: () => new SqliteAdapter(),
        createDriver: () => new DummyDriver(),
        createIntrospector: (db) => new SqliteIntrospector(db),
        createQueryCompiler: () => new SqliteQueryCompiler(),
      },
    }),
    scrub: {
      setting: 'PRAGMA secure_delete',
      set: (value) => `PRAGMA secure_delete = ${['OFF', 'ON', 'FAST'][value] ?? 'ON'}`,
      checkpoint: 'PRAGMA wal_checkpoint(TRUNCATE)',
    },
    migration: {
      table: (name) => `CREATE TABLE IF NOT EXISTS ${name} (version INTEGER PRIMARY KEY) STRICT`,
      note: (name, version) => `INSERT INTO ${name} (version) VALUES (${version})`,
      transactional: true,
      lock: null,
      unlock: [],
    },
  };
}

const assignments = (set: Readonly<Record<string, string>>): string =>
  Object.entries(set)
    .map(([column, expression]) => `${column} = ${expression}`)
    .join(', ');
