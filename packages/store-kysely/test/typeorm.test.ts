import pg from 'pg';
import { DataSource, type EntityManager } from 'typeorm';
import { mysqlStore, postgresStore } from '../src/index.ts';
import { typeormTransactions } from '../src/typeorm.ts';
import type { Library } from './library.ts';
import { mariadbServer, postgresServer, type Server } from './library-servers.ts';
import { testLibrary } from './test-library.ts';

type Opened = Library<EntityManager>;

function libraryOn(host: DataSource, { pool, drop, ...server }: Server<unknown>, open: Opened['open']): Opened {
  return {
    ...server,
    open,
    transaction: (run, isolation) => (isolation ? host.transaction('REPEATABLE READ', run) : host.transaction(run)),
    nested: (manager, run) => manager.transaction(run),
    order: (manager, id) => manager.query(`INSERT INTO orders (id) VALUES (${id})`),
    wrong: [
      [host, 'the DataSource itself'],
      [host.manager, 'an EntityManager outside a transaction'],
      [host.createQueryRunner(), 'a QueryRunner on which none is open'],
      [pool, pool instanceof pg.Pool ? 'a BoundPool' : 'a Pool'],
    ],
    drop: () => host.destroy().then(drop),
  };
}

testLibrary(
  {
    async postgres() {
      const server = await postgresServer();
      const host = await new DataSource({ type: 'postgres', url: server.url }).initialize();
      return libraryOn(host, server, (options) =>
        postgresStore(server.pool, { ...options, transactions: typeormTransactions(host) }),
      );
    },
    async mariadb() {
      const server = await mariadbServer();
      const host = await new DataSource({ type: 'mysql', url: server.url }).initialize();
      return libraryOn(host, server, (options) =>
        mysqlStore(server.pool, { ...options, transactions: typeormTransactions(host) }),
      );
    },
  },
  { contract: 'transactions' },
);
