import { DatabaseSync } from 'node:sqlite';
import { type Store, TidingsError } from '@tidings/core/spec';
import {
  databases,
  isolatedMariadb,
  isolatedPostgres,
  isolatedSqlite,
  putMessage,
  startChild,
  write,
} from '@tidings/testing';
import { describe, expect, it } from 'vitest';
import { mysqlDialect } from '../src/dialects/mysql.ts';
import { postgresDialect } from '../src/dialects/postgres.ts';
import { sqliteDialect } from '../src/dialects/sqlite.ts';
import { mysqlStore, postgresStore, sqliteStore } from '../src/index.ts';
import { tablesOf } from '../src/tables.ts';

/** An empty database: how another process finds it, and how to open it here and tamper with it. */
const empty = {
  async sqlite() {
    const { file, drop } = await isolatedSqlite();
    const run = async (sql: string): Promise<void> => {
      const database = new DatabaseSync(file);
      database.exec(sql);
      database.close();
    };
    return { where: file, open: () => sqliteStore(file), run, drop };
  },
  async postgres() {
    const { url, pool, drop } = await isolatedPostgres();
    const run = async (sql: string): Promise<unknown> => pool.query(sql);
    return { where: url, open: () => postgresStore(pool), run, drop };
  },
  async mariadb() {
    const { url, pool, drop } = await isolatedMariadb();
    const run = async (sql: string): Promise<unknown> => pool.promise().query(sql);
    return { where: url, open: () => mysqlStore(pool), run, drop };
  },
};

const dialects = { sqlite: sqliteDialect, postgres: postgresDialect, mariadb: mysqlDialect };

const names = databases(['sqlite', 'postgres', 'mariadb']) as readonly (keyof typeof empty)[];

describe.each(names)('migrations on %s', (name) => {
  it('run at once, in one process, and again', async () => {
    const { open, drop } = await empty[name]();
    const stores = Array.from({ length: 4 }, (): Store => open());
    await Promise.all(stores.map((store) => store.migrate()));
    const scopes = await Promise.all(stores.map((store) => store.scope('tenant', 'live')));
    expect(new Set(scopes).size).toBe(1);
    await open().migrate();
    for (const store of stores) await store.close();
    await drop();
  });

  it('run at once in two processes', async () => {
    const { where, open, drop } = await empty[name]();
    const children = [
      startChild(new URL('./migrate-process.ts', import.meta.url), name, where),
      startChild(new URL('./migrate-process.ts', import.meta.url), name, where),
    ];
    for (const child of children) expect(await child.line()).toBe('ready');
    for (const child of children) child.tell('go');
    const scopes = await Promise.all(children.map((child) => child.line()));
    expect(scopes[0]).toBe(scopes[1]);
    expect(await Promise.all(children.map(({ ended }) => ended))).toEqual([0, 0]);
    const store = open();
    expect(String(await store.scope('tenant', 'live'))).toBe(scopes[0]);
    await store.close();
    await drop();
  }, 30_000);

  it('bring tables of every earlier version up to date, with what is in them', async () => {
    const { open, run, drop } = await empty[name]();
    const dialect = dialects[name]({ prefix: 'tidings_', schema: null, lockTimeoutMs: 250, foreignKeys: false });
    await run(dialect.migration.table('tidings_migrations'));
    for (const text of dialect.create(tablesOf(1))) await run(text);
    await run(dialect.migration.note('tidings_migrations', 1));
    await run("INSERT INTO tidings_settings (name, value) VALUES ('secret', 'kept')");
    const stores = [open(), open()];
    await Promise.all(stores.map((store) => store.migrate()));
    for (const store of stores) {
      expect(await store.remember('secret', 'another')).toBe('kept');
      const scope = await store.scope('tenant', 'live');
      const message = await putMessage(store, scope);
      await write(store, { contents: [{ scope, messageId: message.id, content: '{}' }] });
      expect(await store.prune({ contentsOlderMs: 0, finishedOlderMs: 0, limit: 10 })).toMatchObject({ done: true });
    }
    for (const store of stores) await store.close();
    await drop();
  });

  it('refuse tables that are newer than the code', async () => {
    const { open, run, drop } = await empty[name]();
    await open().migrate();
    await run('INSERT INTO tidings_migrations (version) VALUES (99)');
    const store = open();
    const error = await store.migrate().catch((thrown: unknown) => thrown);
    expect(TidingsError.is(error, 'NOT_SUPPORTED')).toBe(true);
    expect(String(error)).toContain('version 99');
    await expect(store.scope('tenant', 'live')).rejects.toMatchObject({ code: 'NOT_SUPPORTED' });
    await drop();
  });
});
