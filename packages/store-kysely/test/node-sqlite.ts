import type { DatabaseSync } from 'node:sqlite';
import type { SqliteDatabase } from 'kysely';

/** `node:sqlite` as Kysely's SQLite dialect wants it. */
export function nodeSqlite(database: DatabaseSync): SqliteDatabase {
  return {
    close: () => database.close(),
    prepare(sql) {
      const statement = database.prepare(sql);
      const given = (params: readonly unknown[]): never[] => params as never[];
      return {
        reader: statement.columns().length > 0,
        all: (params) => statement.all(...given(params)),
        run: (params) => statement.run(...given(params)),
        iterate: (params) => statement.iterate(...given(params)) as IterableIterator<unknown>,
      };
    },
  };
}
