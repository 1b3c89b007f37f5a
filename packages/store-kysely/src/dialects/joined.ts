import { checkCell } from '../cells.ts';
import type { Cell, Statement } from '../statement.ts';
import { type Column, columnOf } from '../tables.ts';
import type { Dialect, Insert, Name, Naming, Remove, Select, Update } from './dialect.ts';
import { mysqlDialect } from './mysql.ts';
import { columnTypes, postgresDialect } from './postgres.ts';
import { sqliteDialect } from './sqlite.ts';

// The same statements for inside a host's transaction. Each works through any function from a text and its parameters to
// rows: what changed comes as rows too, and parameters are plain text or bytes. A guard counts instead of raising, since
// on PostgreSQL a failure would end the host's transaction.

/** The statements of a dialect for a transaction of the host's. */
export function joinedDialect(name: Dialect['name'], naming: Naming): Dialect {
  if (name === 'postgres') return joinedPostgres(naming);
  if (name === 'sqlite') return joinedSqlite(naming);
  return mysqlDialect({ ...naming, lockTimeoutMs: null });
}

function joinedSqlite(naming: Naming): Dialect {
  const base = sqliteDialect(naming);
  const counted = (statement: Statement): Statement => ({
    ...statement,
    text: `${statement.text} RETURNING 1 AS changed`,
    gives: 'rows',
    guard: 'counts',
  });
  return {
    ...base,
    insert(insert) {
      const statement = base.insert(insert);
      if (!insert.existing) return counted({ ...statement, text: `${statement.text} ON CONFLICT DO NOTHING` });
      return statement.guard === 'counts' ? counted(statement) : statement;
    },
    update(update) {
      const statement = base.update(update);
      return update.guard ? counted(statement) : statement;
    },
  };
}

function joinedPostgres(naming: Naming): Dialect {
  const base = postgresDialect(naming);
  const input: Name = (name) => `i.${name}`;
  const old: Name = (name) => `t.${name}`;

  function statement(
    text: string,
    inputs: Readonly<Record<string, Column>>,
    gives: Statement['gives'],
    guard: Statement['guard'] = 'none',
  ): Statement {
    const columns = Object.entries(inputs);
    return {
      text,
      gives,
      guard,
      name: null,
      bind: (rows) => [
        [
          JSON.stringify(
            rows.map((row) =>
              Object.fromEntries(
                columns.map(([name, column], index) => [name, toJson(checkCell(column, row[index] as Cell))]),
              ),
            ),
          ),
        ],
      ],
    };
  }

  const counted = (text: string, inputs: Readonly<Record<string, Column>>): Statement =>
    statement(`${text} RETURNING 1 AS changed`, inputs, 'rows', 'counts');

  // one parameter, and by its type a text: arrays travel differently with every library, and of what the server calls
  // json some make json again
  const source = (inputs: Readonly<Record<string, Column>>): string =>
    `json_to_recordset($1::text::json) AS i (${Object.entries(inputs)
      .map(([name, column]) => `${name} ${columnTypes[column.type]}`)
      .join(', ')})`;

  return {
    ...base,
    insert({ table, columns, fixed = {}, existing, where }: Insert) {
      const inputs = Object.fromEntries(columns.map((name) => [name, columnOf(table, name)]));
      const names = [...columns, ...Object.keys(fixed)].join(', ');
      const values = [...columns.map(input), ...Object.values(fixed)].join(', ');
      let text = `INSERT INTO ${base.table(table)} AS t (${names}) SELECT ${values} FROM ${source(inputs)}`;
      if (where) text += ` WHERE ${where(input)}`;
      if (!existing) return counted(`${text} ON CONFLICT DO NOTHING`, inputs);
      const target = `${text} ON CONFLICT (${table.key.join(', ')}) DO`;
      if (existing === 'keep') return statement(`${target} NOTHING`, inputs, 'changes');
      const update = `${target} UPDATE SET ${assignments(existing.set((name) => `excluded.${name}`, old))}`;
      if (!existing.where) return statement(update, inputs, 'changes');
      return counted(`${update} WHERE ${existing.where((name) => `excluded.${name}`, old)}`, inputs);
    },
    update({ table, inputs, match, set, guard }: Update) {
      const text = `UPDATE ${base.table(table)} AS t SET ${assignments(set(input, old))} FROM ${source(inputs)} WHERE ${match(input, old).join(' AND ')}`;
      return guard ? counted(text, inputs) : statement(text, inputs, 'changes');
    },
    remove({ table, inputs, match }: Remove) {
      const text = `DELETE FROM ${base.table(table)} AS t USING ${source(inputs)} WHERE ${match(input, old).join(' AND ')}`;
      return statement(text, inputs, 'changes');
    },
    select({ inputs, give, from, lock }: Select) {
      let text = `SELECT ${give(input).join(', ')} FROM ${source(inputs)}`;
      for (const { table, on, left } of from?.(input) ?? []) {
        text += ` ${left ? 'LEFT JOIN' : 'JOIN'} ${table} ON ${on.join(' AND ')}`;
      }
      if (lock) text += ` ORDER BY ${lock.join(', ')} FOR UPDATE OF t`;
      return statement(text, inputs, 'rows');
    },
    // the host's session says how bytes look as text, and its library how they are parsed
    read: ({ type }, expression) => (type === 'hash' ? `encode(${expression}, 'hex')` : expression),
  };
}

function toJson(cell: Cell): string | number | null {
  if (!(cell instanceof Uint8Array)) return cell;
  return `\\x${Buffer.from(cell.buffer, cell.byteOffset, cell.byteLength).toString('hex')}`;
}

const assignments = (set: Readonly<Record<string, string>>): string =>
  Object.entries(set)
    .map(([column, expression]) => `${column} = ${expression}`)
    .join(', ');
