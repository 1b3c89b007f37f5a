import './lighter.ts';
import { sql } from 'drizzle-orm';
import { drizzle as drizzleMysql } from 'drizzle-orm/mysql2';
import { drizzle } from 'drizzle-orm/node-postgres';
import { drizzleStore } from '../src/drizzle.ts';
import type { Library } from './library.ts';
import { mariadbServer, postgresServer } from './library-servers.ts';
import { testLibrary } from './test-library.ts';

testLibrary(
  {
    async postgres() {
      const { pool, ...server } = await postgresServer();
      const db = drizzle(pool);
      type Tx = Parameters<Parameters<typeof db.transaction>[0]>[0];
      const library: Library<Tx> = {
        ...server,
        open: (options) => drizzleStore(db, options),
        transaction: (run, isolationLevel) => db.transaction(run, isolationLevel && { isolationLevel }),
        nested: (tx, run) => tx.transaction(run),
        order: (tx, id) => tx.execute(sql`INSERT INTO orders (id) VALUES (${id})`),
        wrong: [
          [db, 'the database itself'],
          [pool, 'a BoundPool'],
        ],
      };
      return library;
    },
    async mariadb() {
      const { pool, ...server } = await mariadbServer();
      const db = drizzleMysql(pool);
      type Tx = Parameters<Parameters<typeof db.transaction>[0]>[0];
      const library: Library<Tx> = {
        ...server,
        open: (options) => drizzleStore(db, options),
        transaction: (run, isolationLevel) => db.transaction(run, isolationLevel && { isolationLevel }),
        nested: (tx, run) => tx.transaction(run),
        order: (tx, id) => tx.execute(sql`INSERT INTO orders (id) VALUES (${id})`),
        wrong: [
          [db, 'the database itself'],
          [pool, 'a Pool'],
        ],
      };
      return library;
    },
  },
  { contract: 'whole' },
);
