import { PrismaMariaDb } from '@prisma/adapter-mariadb';
import { PrismaPg } from '@prisma/adapter-pg';
import type { Store } from '@tidings/core/spec';
import { isolatedMariadb, isolatedPostgres } from '@tidings/testing';
import { drizzle as drizzleMysql } from 'drizzle-orm/mysql2';
import { drizzle } from 'drizzle-orm/node-postgres';
import mysql from 'mysql2';
import pg from 'pg';
import { type DrizzleStoreOptions, drizzleStore } from '../src/drizzle.ts';
import { mysqlStore, postgresStore } from '../src/index.ts';
import { prismaStore } from '../src/prisma.ts';
import { prismaFor } from './prisma-client.ts';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts';

/** A store whose transactions are those of a library, whose connections go through a proxy. */
export interface LibraryStore {
  readonly proxy: TcpProxy;
  readonly store: Store;
  /** A store on the same tables, past the library and the proxy. */
  readonly direct: Store;
  /** The host's own transaction, on the library's pool. */
  transaction<R>(run: () => Promise<R>): Promise<R>;
  drop(): Promise<void>;
}

interface Settings extends DrizzleStoreOptions {
  /** Of the library's pool. */
  readonly connections: number;
}

interface Place {
  readonly url: URL;
  readonly proxy: TcpProxy;
  readonly direct: Store;
  drop(): Promise<void>;
}

async function behindProxy(url: string, port: number, direct: Store, drop: () => Promise<void>): Promise<Place> {
  const target = new URL(url);
  const proxy = await startTcpProxy({ host: target.hostname, port: Number(target.port || port) });
  target.host = `127.0.0.1:${proxy.port}`;
  await direct.migrate();
  return { url: target, proxy, direct, drop };
}

async function postgresPlace(
  connections: number,
): Promise<Place & { readonly pool: pg.Pool; readonly schema: string }> {
  const { pool: own, url, schema, drop } = await isolatedPostgres({ max: 2 });
  const place = await behindProxy(url, 5432, postgresStore(own), drop);
  const pool = new pg.Pool({ connectionString: place.url.href, max: connections });
  pool.on('error', () => {});
  return { ...place, pool, schema };
}

async function mariadbPlace(): Promise<Place> {
  const { pool: own, url, drop } = await isolatedMariadb({ connectionLimit: 2 });
  return behindProxy(url, 3306, mysqlStore(own), drop);
}

function storeOf(
  { proxy, direct, drop }: Place,
  store: Store<never>,
  transaction: LibraryStore['transaction'],
  end: () => Promise<unknown>,
): LibraryStore {
  return {
    proxy,
    store: store as Store,
    direct,
    transaction,
    async drop() {
      await store.close();
      // first, since a connection that is silent would be waited for
      await proxy.close();
      await end();
      await drop();
    },
  };
}

/** The libraries with stores of their own, on each server. */
export const libraryStores: Readonly<
  Record<'postgres' | 'mariadb', Readonly<Record<'Drizzle' | 'Prisma', (settings: Settings) => Promise<LibraryStore>>>>
> = {
  postgres: {
    async Drizzle({ connections, ...options }) {
      const { pool, ...place } = await postgresPlace(connections);
      const db = drizzle(pool);
      return storeOf(
        place,
        drizzleStore(db, options),
        (run) => db.transaction(run),
        () => pool.end(),
      );
    },
    async Prisma({ connections, ...options }) {
      const { pool, schema, ...place } = await postgresPlace(connections);
      const { PrismaClient } = await prismaFor('postgresql');
      const client = new PrismaClient({ adapter: new PrismaPg(pool, { schema }) });
      return storeOf(
        place,
        prismaStore(client, options),
        (run) => client.$transaction(run, { timeout: 60_000 }),
        () => client.$disconnect().then(() => pool.end()),
      );
    },
  },
  mariadb: {
    async Drizzle({ connections, ...options }) {
      const place = await mariadbPlace();
      const pool = mysql.createPool({ uri: place.url.href, connectionLimit: connections });
      const db = drizzleMysql(pool);
      return storeOf(
        place,
        drizzleStore(db, options),
        (run) => db.transaction(run),
        () => pool.promise().end(),
      );
    },
    async Prisma({ connections, ...options }) {
      const place = await mariadbPlace();
      const { hostname: host, port, username: user, password, pathname } = place.url;
      const { PrismaClient } = await prismaFor('mysql');
      const adapter = new PrismaMariaDb({
        host,
        port: Number(port),
        user,
        password,
        database: pathname.slice(1),
        connectionLimit: connections,
        acquireTimeout: 60_000,
      });
      const client = new PrismaClient({ adapter });
      return storeOf(
        place,
        prismaStore(client, options),
        (run) => client.$transaction(run, { timeout: 60_000 }),
        () => client.$disconnect(),
      );
    },
  },
};
