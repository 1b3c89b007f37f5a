import knex, { type Knex } from 'knex';
import pg from 'pg';
import { mysqlStore, postgresStore } from '../src/index.ts';
import { knexTransactions } from '../src/knex.ts';
import type { Library } from './library.ts';
import { mariadbServer, postgresServer, type Server } from './library-servers.ts';
import { testLibrary } from './test-library.ts';

type Opened = Library<Knex.Transaction>;

function libraryOn(host: Knex, { pool, drop, ...server }: Server<unknown>, open: Opened['open']): Opened {
  return {
    ...server,
    open,
    transaction: (run, isolationLevel) => host.transaction(run, isolationLevel && { isolationLevel }),
    nested: (trx, run) => trx.transaction(run),
    order: (trx, id) => trx('orders').insert({ id }),
    wrong: [
      [host, 'the instance itself'],
      [pool, pool instanceof pg.Pool ? 'a BoundPool' : 'a Pool'],
    ],
    drop: () => host.destroy().then(drop),
  };
}

/** What hosts do to rows, which must not reach ours. */
const renaming: Knex.Config = {
  postProcessResponse: () => [],
  wrapIdentifier: (name, wrap) => wrap(name.toLowerCase()),
};

testLibrary(
  {
    async postgres() {
      const server = await postgresServer();
      const host = knex({ client: 'pg', connection: server.url, pool: { min: 0, max: 8 }, ...renaming });
      return libraryOn(host, server, (options) =>
        postgresStore(server.pool, { ...options, transactions: knexTransactions(host) }),
      );
    },
    async mariadb() {
      const server = await mariadbServer();
      const host = knex({ client: 'mysql2', connection: server.url, pool: { min: 0, max: 8 }, ...renaming });
      return libraryOn(host, server, (options) =>
        mysqlStore(server.pool, { ...options, transactions: knexTransactions(host) }),
      );
    },
  },
  { contract: 'transactions' },
);
