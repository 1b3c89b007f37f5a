import { createHash } from 'node:crypto';
import { DummyDriver, Kysely, MysqlAdapter, MysqlIntrospector, MysqlQueryCompiler } from 'kysely';
import { checkCell, idBytes } from '../cells.ts';
import { decodeText } from '../rows.ts';
import { ask, type Begin, type Cell, type Param, type RawRow, type Script, type Statement } from '../statement.ts';
import { type Column, type ColumnType, columnOf, foreignKeyOf, type Table, tables } from '../tables.ts';
import type { Dialect, Insert, Name, Naming, Pick, Remove, Select, Update } from './dialect.ts';

// keys are binary: every collation of text takes some different keys for one
const types = {
  scope: 'INT',
  count: 'INT',
  time: 'BIGINT',
  small: 'SMALLINT',
  id: 'BINARY(16)',
  hash: 'BINARY(32)',
  key: 'VARBINARY(255)',
  token: 'VARBINARY(512)',
  text: 'LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin',
  timeline: 'LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin',
} as const;

// the lengths of keys are checked before: a longer one would be cut off here without a word
const inputTypes: Readonly<Record<ColumnType, string>> = {
  scope: 'INT',
  count: 'INT',
  time: 'BIGINT',
  small: 'SMALLINT',
  id: 'CHAR(32) CHARACTER SET ascii COLLATE ascii_bin',
  hash: 'CHAR(64) CHARACTER SET ascii COLLATE ascii_bin',
  key: 'VARCHAR(512) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin',
  token: 'VARCHAR(512) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin',
  text: 'LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin',
  timeline: 'LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin',
};

const hex = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');

function toJson(column: Column, value: Cell): string | number | null {
  const cell = checkCell(column, value);
  if (cell === null || typeof cell === 'number') return cell;
  if (cell instanceof Uint8Array) return hex(cell);
  return column.type === 'id' ? cell.replaceAll('-', '') : cell;
}

/** A server takes no statement longer than its `max_allowed_packet`, and by default at least four times this. */
const longestPortion = 4 * 1024 * 1024;

/**
 * Rows as JSON arrays, each of them one parameter, and in bytes: a session may have any character set, and one that takes
 * backslashes for letters would misread an escaped string.
 */
function portions(rows: readonly string[]): Param[][] {
  const bound: Param[][] = [];
  let start = 0;
  let length = 0;
  const close = (end: number): void => {
    if (end > start) bound.push([Buffer.from(`[${rows.slice(start, end).join(',')}]`)]);
    start = end;
    length = 0;
  };
  for (const [index, row] of rows.entries()) {
    if (length + row.length > longestPortion) close(index);
    length += row.length;
  }
  close(rows.length);
  return bound;
}

// columns whose values are text
const asBytes: ReadonlySet<ColumnType> = new Set(['key', 'token', 'text', 'timeline']);

/** MariaDB, and MySQL 8 untested: whole batches as one JSON parameter. */
export function mysqlDialect(naming: Naming): Dialect {
  const schema = naming.schema === null ? '' : `\`${naming.schema}\`.`;
  // For one statement, so that no session is changed; for MariaDB only, others read a comment. It counts in seconds.
  const seconds = Math.ceil((naming.lockTimeoutMs ?? 0) / 1000);
  const limits =
    naming.lockTimeoutMs === null ? '' : `innodb_lock_wait_timeout = ${seconds}, lock_wait_timeout = ${seconds}, `;
  const patient = `/*M!100100 SET STATEMENT ${limits}sql_safe_updates = 0 FOR */ `;
  const named = (table: Table): string => `${schema}\`${naming.prefix}${table.name}\``;
  const old: Name = (name) => `t.${name}`;
  const lockName = `tidings_${createHash('sha256').update(`${naming.schema} ${naming.prefix}`).digest('hex').slice(0, 40)}`;

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
      name: 'prepared',
      bind: (rows) =>
        portions(rows.map((row) => JSON.stringify(columns.map((column, index) => toJson(column, row[index] as Cell))))),
    };
  }

  function source(inputs: Readonly<Record<string, Column>>): string {
    const columns = Object.entries(inputs).map(
      ([name, column], index) => `${name} ${inputTypes[column.type]} PATH '$[${index}]' ERROR ON ERROR`,
    );
    return `JSON_TABLE(CONVERT(? USING utf8mb4), '$[*]' COLUMNS (${columns.join(', ')})) AS i`;
  }

  const inputOf =
    (inputs: Readonly<Record<string, Column>>): Name =>
    (name) =>
      inputs[name]?.type === 'id' || inputs[name]?.type === 'hash' ? `UNHEX(i.${name})` : `i.${name}`;

  const read: Dialect['read'] = (column, expression) =>
    asBytes.has(column.type) ? `CAST(${expression} AS BINARY)` : expression;
  const given = tables.messages.columns.map((column) => `${read(column, column.name)} AS ${column.name}`).join(', ');

  /** Takes `room` rows of each lane, locked; locked ones of others are skipped. */
  function band(priority: number, picks: readonly Pick[]): string {
    return picks
      .map(
        ({ lane, room, due }) =>
          `(SELECT ${given} FROM ${named(tables.messages)} WHERE lane = X'${hex(Buffer.from(lane))}' AND priority = ${priority} AND due_at <= ${Math.trunc(due)} ORDER BY due_at LIMIT ${Math.trunc(room)} FOR UPDATE SKIP LOCKED)`,
      )
      .join(' UNION ALL ');
  }

  // Rows to be locked are found by an index even while the table is small: in a host's REPEATABLE READ every row that a scan
  // has seen stays locked.
  const self: Dialect = {
    name: 'mysql',
    table: named,
    countsUpserts: false,
    insert({ table, columns, fixed = {}, existing, where }: Insert) {
      const inputs = Object.fromEntries(columns.map((name) => [name, columnOf(table, name)]));
      const input = inputOf(inputs);
      const names = [...columns, ...Object.keys(fixed)].join(', ');
      const values = [...columns.map(input), ...Object.values(fixed)].join(', ');
      let text = `${patient}INSERT INTO ${named(table)} (${names}) SELECT ${values} FROM ${source(inputs)}`;
      if (where) text += ` WHERE ${where(input)}`;
      if (existing === 'keep') {
        // unlike INSERT IGNORE this lets nothing else pass
        const [first = ''] = table.key;
        text += ` ON DUPLICATE KEY UPDATE ${first} = ${named(table)}.${first}`;
      } else if (existing) {
        const fresh: Name = (name) => `VALUES(${name})`;
        const before: Name = (name) => `${named(table)}.${name}`;
        text += ` ON DUPLICATE KEY UPDATE ${assignments(existing.set(fresh, before), '')}`;
      }
      return statement(text, Object.values(inputs), 'changes', existing ? 'none' : 'counts');
    },
    update({ table, inputs, match, set, guard }: Update) {
      const input = inputOf(inputs);
      // a table of a few rows would otherwise be scanned
      const text = `${patient}UPDATE ${source(inputs)} STRAIGHT_JOIN ${named(table)} t FORCE INDEX (PRIMARY) ON ${match(input, old).join(' AND ')} SET ${assignments(set(input, old), 't.')}`;
      return statement(text, Object.values(inputs), 'changes', guard ? 'counts' : 'none');
    },
    remove({ table, inputs, match }: Remove) {
      // by its full name: an alias could not be resolved on a connection without a database of its own
      const own: Name = (name) => `${named(table)}.${name}`;
      const text = `${patient}DELETE FROM ${named(table)} USING ${source(inputs)} STRAIGHT_JOIN ${named(table)} ON ${match(inputOf(inputs), own).join(' AND ')}`;
      return statement(text, Object.values(inputs), 'changes');
    },
    select({ inputs, give, from, lock, index, skipLocked }: Select) {
      const input = inputOf(inputs);
      // input first, so that rows are locked in its order
      let text = `${lock ? patient : ''}SELECT STRAIGHT_JOIN ${give(input).join(', ')} FROM ${source(inputs)}`;
      for (const { table, on, left, index: own } of from?.(input) ?? []) {
        const wanted = own ?? (lock ? (index ?? 'key') : undefined);
        const by = wanted === undefined ? '' : ` FORCE INDEX (${wanted === 'key' ? 'PRIMARY' : `${wanted}_index`})`;
        text += ` ${left ? 'LEFT JOIN' : 'JOIN'} ${table}${by} ON ${on.join(' AND ')}`;
      }
      if (lock) text += ` FOR UPDATE${skipLocked ? ' SKIP LOCKED' : ''}`;
      return statement(text, Object.values(inputs), 'rows');
    },
    settings: null,
    begin({ mode, gate, scopes }: Begin) {
      if (mode === 'snapshot') {
        return [
          'SET TRANSACTION ISOLATION LEVEL REPEATABLE READ',
          'START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY',
        ];
      }
      return ['SET TRANSACTION ISOLATION LEVEL READ COMMITTED', 'START TRANSACTION', ...self.gates(gate, scopes)];
    },
    gates(gate, scopes) {
      if (gate === 'none' || scopes.length === 0) return [];
      const ids = scopes.map((scope) => Number(scope) | 0).join(', ');
      const lock = gate === 'exclusive' ? 'FOR UPDATE' : 'LOCK IN SHARE MODE';
      return [`${patient}SELECT id FROM ${named(tables.scopes)} WHERE id IN (${ids}) ORDER BY id ${lock}`];
    },
    once(text, params) {
      return { statement: { text, gives: 'rows', guard: 'none', name: null, bind: () => [params] }, rows: [[]] };
    },
    param(column, value) {
      const cell = checkCell(column, value);
      if (cell instanceof Uint8Array) return Buffer.from(cell);
      if (typeof cell !== 'string') return cell;
      return column.type === 'id' ? idBytes(cell) : Buffer.from(cell);
    },
    concat: (a, b) => `CONCAT(${a}, ${b})`,
    greatest: (a, b) => `GREATEST(${a}, ${b})`,
    read,
    aside: (column) => column,
    // a difference of two UTC times, so that the session's time zone does not matter
    clock: "TIMESTAMPDIFF(MICROSECOND, '1970-01-01 00:00:00', UTC_TIMESTAMP(6)) DIV 1000",
    *pick(picks: readonly Pick[]): Script<readonly RawRow[]> {
      const left = new Map(picks.map((pick) => [pick.lane, { ...pick }]));
      const picked: RawRow[] = [];
      for (const priority of [0, 1, 2]) {
        const open = [...left.values()].filter(({ room }) => room > 0);
        if (open.length === 0) break;
        const [answer] = yield* ask([self.once(band(priority, open), [])]);
        for (const raw of answer?.rows ?? []) {
          const lane = left.get(decodeText(raw.lane));
          if (lane) lane.room -= 1;
          picked.push(raw);
        }
      }
      return picked;
    },
    waitingLanes: `SELECT DISTINCT lane FROM ${named(tables.messages)}`,
    create: (all) =>
      all.map((table) => {
        const columns = table.columns.map((column) => {
          if (table.numbered && column.name === 'id') return 'id INT NOT NULL AUTO_INCREMENT';
          return `${column.name} ${types[column.type]} ${column.nullable ? 'NULL' : 'NOT NULL'}`;
        });
        columns.push(`PRIMARY KEY (${table.key.join(', ')})`);
        for (const index of table.indexes) {
          columns.push(`${index.unique ? 'UNIQUE ' : ''}KEY ${index.name}_index (${index.columns.join(', ')})`);
        }
        if (naming.foreignKeys) columns.push(...foreignKeyOf(table, named));
        return `CREATE TABLE IF NOT EXISTS ${named(table)} (${columns.join(', ')}) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin ROW_FORMAT = DYNAMIC`;
      }),
    // to MySQL, which has no such words, a comment: there a half-finished upgrade has to be finished by hand
    addColumn: (table, { name, type }) =>
      `ALTER TABLE ${named(table)} ADD COLUMN /*M!100100 IF NOT EXISTS */ ${name} ${types[type]} NULL`,
    addIndex: (table, { name, columns, unique }) =>
      `CREATE ${unique ? 'UNIQUE ' : ''}INDEX /*M!100100 IF NOT EXISTS */ ${name}_index ON ${named(table)} (${columns.join(', ')})`,
    builder: new Kysely({
      dialect: {
        createAdapter: () => new MysqlAdapter(),
        createDriver: () => new DummyDriver(),
        createIntrospector: (db) => new MysqlIntrospector(db),
        createQueryCompiler: () => new MysqlQueryCompiler(),
      },
    }),
    scrub: null,
    migration: {
      table: (name) => `CREATE TABLE IF NOT EXISTS ${name} (version INT NOT NULL PRIMARY KEY) ENGINE = InnoDB`,
      note: (name, version) =>
        `INSERT INTO ${name} (version) VALUES (${version}) ON DUPLICATE KEY UPDATE version = version`,
      transactional: false,
      lock: `SELECT GET_LOCK('${lockName}', 60) AS locked`,
      // the version noted is kept where the session commits nothing by itself, too
      unlock: ['COMMIT', `SELECT RELEASE_LOCK('${lockName}')`],
    },
  };
  return self;
}

const assignments = (set: Readonly<Record<string, string>>, prefix: string): string =>
  Object.entries(set)
    .map(([column, expression]) => `${prefix}${column} = ${expression}`)
    .join(', ');
