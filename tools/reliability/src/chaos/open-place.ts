import type { Store } from '@tidings/core/spec';
import { mysqlStore, postgresStore, sqliteStore } from '@tidings/store-kysely';
import type { Place } from './settings.ts';

/** A store and plain queries on one place. */
export interface OpenPlace {
  readonly store: Store;
  /** Every row of a table, as the driver gives it. */
  rows(table: string): Promise<readonly unknown[]>;
  /** Ends the pool as well. */
  close(): Promise<void>;
}

/** Opens the database of a run, as a host would. */
export async function openPlace({ store, url }: Place): Promise<OpenPlace> {
  if (store === 'postgres') {
    const { default: pg } = await import('pg');
    const pool = new pg.Pool({ connectionString: url, max: 4, connectionTimeoutMillis: 5000 });
    // connections that idle while the server restarts; whoever uses one is told by its query
    pool.on('error', () => {});
    return {
      store: postgresStore(pool),
      rows: async (table) => (await pool.query(`SELECT * FROM ${table}`)).rows,
      close: () => pool.end(),
    };
  }
  if (store === 'mariadb') {
    const { default: mysql } = await import('mysql2');
    const pool = mysql.createPool({ uri: url, connectionLimit: 4, connectTimeout: 5000 });
    return {
      store: mysqlStore(pool),
      rows: async (table) => (await pool.promise().query(`SELECT * FROM ${table}`))[0] as unknown[],
      close: () => pool.promise().end(),
    };
  }
  const { DatabaseSync } = await import('node:sqlite');
  const sqlite = sqliteStore(url);
  return {
    store: sqlite,
    async rows(table) {
      const database = new DatabaseSync(url, { readOnly: true, timeout: 5000 });
      try {
        return database.prepare(`SELECT * FROM ${table}`).all();
      } finally {
        database.close();
      }
    },
    close: async () => {},
  };
}
