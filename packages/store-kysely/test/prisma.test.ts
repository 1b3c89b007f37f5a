import './lighter.ts';
import { PrismaMariaDb } from '@prisma/adapter-mariadb';
import { PrismaPg } from '@prisma/adapter-pg';
import { afterAll } from 'vitest';
import { prismaStore } from '../src/prisma.ts';
import type { Library } from './library.ts';
import { mariadbServer, postgresServer, type Server } from './library-servers.ts';
import { dropGenerated, prismaFor, type ShopTransaction } from './prisma-client.ts';
import { testLibrary } from './test-library.ts';

afterAll(dropGenerated);

async function libraryOn(
  provider: 'postgresql' | 'mysql',
  adapter: object,
  { pool: _, drop, ...server }: Server<unknown>,
): Promise<Library<ShopTransaction>> {
  const { PrismaClient } = await prismaFor(provider);
  const client = new PrismaClient({ adapter });
  return {
    ...server,
    open: (options) => prismaStore(client, options),
    transaction: (run, isolation) => client.$transaction(run, isolation && { isolationLevel: 'RepeatableRead' }),
    nested: (tx, run) => tx.$transaction(run),
    order: (tx, id) => tx.order.create({ data: { id } }),
    wrong: [
      [client, 'the client itself'],
      [client.$extends({}), 'the client itself'],
    ],
    drop: () => client.$disconnect().then(drop),
  };
}

testLibrary(
  {
    async postgres() {
      const server = await postgresServer();
      return libraryOn('postgresql', new PrismaPg(server.pool, { schema: server.place }), server);
    },
    async mariadb() {
      const server = await mariadbServer();
      const { hostname: host, port, username: user, password, pathname } = new URL(server.url);
      const database = pathname.slice(1);
      const adapter = new PrismaMariaDb({
        host,
        port: Number(port),
        user,
        password,
        database,
        connectionLimit: 8,
        acquireTimeout: 60_000,
      });
      return libraryOn('mysql', adapter, server);
    },
  },
  { contract: 'whole' },
);
