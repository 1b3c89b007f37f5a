// Opens the store named by its arguments and migrates; told to start by a line on its standard input.
import mysql from 'mysql2';
import pg from 'pg';
import { mysqlStore, postgresStore, sqliteStore } from '../src/index.ts';

const [kind, where = ''] = process.argv.slice(2);
const stores = {
  sqlite: () => ({ store: sqliteStore(where), end: async () => {} }),
  postgres: () => {
    const pool = new pg.Pool({ connectionString: where });
    return { store: postgresStore(pool), end: () => pool.end() };
  },
  mariadb: () => {
    const pool = mysql.createPool({ uri: where });
    return { store: mysqlStore(pool), end: () => pool.promise().end() };
  },
};
const { store, end } = stores[kind as keyof typeof stores]();
process.stdout.write('ready\n');
await new Promise((resolve) => process.stdin.once('data', resolve));
await store.migrate();
process.stdout.write(`${await store.scope('tenant', 'live')}\n`);
await store.close();
await end();
process.exit(0);
