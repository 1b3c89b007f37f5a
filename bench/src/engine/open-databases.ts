import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { memoryStore } from '@tidings/core';
import { mysqlStore, postgresStore, sqliteStore } from '@tidings/store-kysely';
import mysql from 'mysql2/promise';
import pg from 'pg';
import { servers, uniqueName } from '../work/servers.ts';

/** A database that a case measures on. */
export type DatabaseName = 'sqlite' | 'postgres' | 'mariadb' | 'memory';

/** Fresh tables, gone again after `close`. */
export interface Opened {
  readonly store: ReturnType<typeof memoryStore> | ReturnType<typeof sqliteStore>;
  /** What the names of tables begin with. */
  readonly tables: string;
  /** Rows of a query; `{tables}` in it stands for `tables`. */
  query(text: string): Promise<readonly Record<string, unknown>[]>;
  close(): Promise<void>;
}

/** Connections of a pool: as many as `pg` opens by default. */
const connections = 10;

/** Opens fresh tables under a name of their own. */
export async function openDatabase(name: DatabaseName): Promise<Opened> {
  const unique = uniqueName();
  switch (name) {
    case 'memory':
      return { store: memoryStore(), tables: '', query: () => Promise.resolve([]), close: () => Promise.resolve() };
    case 'sqlite':
      return openSqlite(unique);
    case 'postgres':
      return openPostgres(unique);
    case 'mariadb':
      return openMariadb(unique);
  }
}

function openSqlite(unique: string): Opened {
  const folder = mkdtempSync(join(tmpdir(), `${unique}_`));
  const file = join(folder, 'tidings.db');
  const store = sqliteStore(file);
  const tables = 'tidings_';
  return {
    store,
    tables,
    query(text) {
      const reader = new DatabaseSync(file);
      try {
        return Promise.resolve(reader.prepare(text.replaceAll('{tables}', tables)).all());
      } finally {
        reader.close();
      }
    },
    close() {
      rmSync(folder, { recursive: true, force: true });
      return Promise.resolve();
    },
  };
}

async function openPostgres(unique: string): Promise<Opened> {
  const pool = new pg.Pool({ connectionString: servers.postgres, max: connections, pipeline: true } as pg.PoolConfig);
  await pool.query(`CREATE SCHEMA ${unique}`);
  const tables = `${unique}.tidings_`;
  return {
    store: postgresStore(pool, { schema: unique }),
    tables,
    query: async (text) => (await pool.query(text.replaceAll('{tables}', tables))).rows,
    async close() {
      await pool.query(`DROP SCHEMA ${unique} CASCADE`);
      await pool.end();
    },
  };
}

async function openMariadb(unique: string): Promise<Opened> {
  const pool = mysql.createPool({ uri: servers.mariadb, connectionLimit: connections });
  await pool.query(`CREATE DATABASE ${unique}`);
  const tables = `${unique}.tidings_`;
  return {
    store: mysqlStore(pool, { schema: unique }),
    tables,
    async query(text) {
      const [rows] = await pool.query(text.replaceAll('{tables}', tables));
      return rows as Record<string, unknown>[];
    },
    async close() {
      await pool.query(`DROP DATABASE ${unique}`);
      await pool.end();
    },
  };
}
