import { type Mode, type Scope, type ScopeId, TidingsError } from '@tidings/core/spec';
import { sql } from 'kysely';
import { change, snapshot } from './commit.ts';
import type { Context } from './context.ts';
import { giveAll, inputsOf } from './read-statements.ts';
import { decodeRow, decodeText } from './rows.ts';
import { ask, type Cell, type Query, type Script, type Statement } from './statement.ts';
import { columnOf, type Table, tables } from './tables.ts';

/** The small tables: scopes, settings and living processes. */
export interface Registry {
  scope(tenant: string, mode: Mode): Promise<ScopeId>;
  scopeOf(scope: ScopeId): Promise<Scope>;
  remember(key: string, proposed: string): Promise<string>;
  beat(process: string, ttlMs: number): Promise<number>;
}

/** Processes that have not been heard of for this long are forgotten. */
export const forgottenAfterMs: number = 24 * 60 * 60 * 1000;

/** Scopes are asked for once: they never change. */
export function createRegistry(context: Context): Registry {
  const { dialect } = context;
  const ids = new Map<string, ScopeId>();
  const scopes = new Map<ScopeId, Scope>();
  const { settings, processes } = tables;

  const addScope = insertOnce(['tenant', 'mode'], tables.scopes);
  const findScope = find(tables.scopes, ['tenant', 'mode']);
  const scopeById = find(tables.scopes, ['id']);
  const addSetting = insertOnce(['name', 'value'], settings);
  const findSetting = find(settings, ['name']);
  const beatStatement = dialect.insert({
    table: processes,
    columns: ['name', 'beat_at'],
    existing: { set: (fresh) => ({ beat_at: fresh('beat_at') }) },
  });

  const forget = dialect.remove({
    table: processes,
    inputs: inputsOf(processes, 'name', 'beat_at'),
    match: (input, old) => [`${old('beat_at')} < ${input('beat_at')}`, `${old('name')} <> ${input('name')}`],
  });

  function insertOnce(columns: readonly string[], table: Table): Statement {
    const key = table.numbered ? columns : table.key;
    const statement = dialect.insert({ table: { ...table, key }, columns, existing: 'keep' });
    return statement;
  }
  function find(table: Table, columns: readonly string[]): Statement {
    return dialect.select({
      inputs: inputsOf(table, ...columns),
      give: () => giveAll(dialect, table, 't'),
      from: (input) => [
        { table: `${dialect.table(table)} t`, on: columns.map((name) => `t.${name} = ${input(name)}`) },
      ],
    });
  }
  function once(text: ReturnType<typeof sql>): Query {
    const compiled = text.compile(dialect.builder);
    return dialect.once(compiled.sql, compiled.parameters as never);
  }

  /** Reads first: writing is needed once in the life of a row. */
  async function findOrAdd<Found>(
    key: readonly Cell[],
    added: readonly Cell[],
    statements: { readonly find: Statement; readonly add: Statement },
    decode: (raw: Readonly<Record<string, unknown>>) => Found,
  ): Promise<Found> {
    function* look(): Script<Found | undefined> {
      const [answer] = yield* ask([{ statement: statements.find, rows: [key] }]);
      const raw = answer?.rows[0];
      return raw && decode(raw);
    }
    const present = await snapshot(context, look);
    if (present !== undefined) return present;
    await change(context, function* () {
      yield* ask([{ statement: statements.add, rows: [added] }], true);
    });
    // whoever came first has committed by now
    const found = await snapshot(context, look);
    if (found === undefined) throw new TidingsError('STORE_FAILED', 'A row that was just written cannot be read.');
    return found;
  }

  return {
    async scope(tenant, mode) {
      const name = `${mode} ${tenant}`;
      const known = ids.get(name);
      if (known !== undefined) return known;
      const id = await findOrAdd([tenant, mode], [tenant, mode], { find: findScope, add: addScope }, (raw) =>
        Number(raw.id),
      );
      ids.set(name, id);
      scopes.set(id, { tenant, mode });
      return id;
    },

    async scopeOf(id) {
      let found = scopes.get(id);
      if (found === undefined && Number.isSafeInteger(id) && Math.abs(id) < 2 ** 31) {
        const [answer] = await snapshot(context, function* () {
          return yield* ask([{ statement: scopeById, rows: [[id]] }]);
        });
        const raw = answer?.rows[0];
        if (raw) {
          const { tenant, mode } = decodeRow<Scope>(tables.scopes, raw);
          found = { tenant, mode };
          scopes.set(id, found);
        }
      }
      if (found === undefined) throw new TidingsError('NOT_FOUND', `Scope ${id} was never given by this store.`);
      return { ...found };
    },

    remember(key, proposed) {
      return findOrAdd([key], [key, proposed], { find: findSetting, add: addSetting }, (raw) => decodeText(raw.value));
    },

    beat(process, ttlMs) {
      const name = dialect.param(columnOf(processes, 'name'), process);
      return change(context, function* () {
        const { clock } = context;
        const [asked] = typeof clock === 'function' ? [] : yield* ask([clock]);
        const now = typeof clock === 'function' ? clock() : Number(asked?.rows[0]?.now);
        const table = sql.raw(dialect.table(processes));
        const [, , counted] = yield* ask(
          [
            { statement: beatStatement, rows: [[process, now]] },
            { statement: forget, rows: [[process, now - Math.max(forgottenAfterMs, ttlMs)]] },
            once(sql`SELECT count(*) AS living FROM ${table} WHERE beat_at > ${now - ttlMs} OR name = ${name}`),
          ],
          true,
        );
        return Number(counted?.rows[0]?.living);
      });
    },
  };
}
