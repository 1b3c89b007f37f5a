import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import type { PrismaClient, PrismaTransaction } from '../src/prisma.ts';

/** A generated client with one model, `Order`, as far as tests use it. */
export interface ShopClient extends PrismaClient {
  readonly order: Orders;
  $transaction<R>(run: (transaction: ShopTransaction) => Promise<R>, options?: object): Promise<R>;
  $extends(extension: object): ShopClient;
  $disconnect(): Promise<void>;
}

/** A transaction of such a client. */
export interface ShopTransaction extends PrismaTransaction {
  readonly order: Orders;
  $transaction<R>(run: (transaction: ShopTransaction) => Promise<R>): Promise<R>;
}

interface Orders {
  create(args: { readonly data: { readonly id: number } }): Promise<unknown>;
  count(): Promise<number>;
}

/** A class of clients, and what takes its source away again. */
export interface GeneratedPrisma {
  readonly PrismaClient: new (options: {
    readonly adapter: object;
    readonly transactionOptions?: object;
  }) => ShopClient;
  drop(): Promise<void>;
}

const generated = new Map<string, Promise<GeneratedPrisma>>();

/** One that this test file has generated before, or a new one. */
export function prismaFor(provider: 'postgresql' | 'mysql'): Promise<GeneratedPrisma> {
  const made = generated.get(provider) ?? generatePrisma(provider);
  generated.set(provider, made);
  return made;
}

/** Takes away what this test file has generated. */
export async function dropGenerated(): Promise<void> {
  for (const made of generated.values()) await (await made).drop();
}

/** Has the command line of Prisma generate a client, as a host does. Downloads nothing. */
async function generatePrisma(provider: 'postgresql' | 'mysql'): Promise<GeneratedPrisma> {
  // inside the package, where the generated source finds @prisma/client
  const folder = await mkdtemp(join(import.meta.dirname, '.prisma-'));
  await writeFile(
    join(folder, 'schema.prisma'),
    [
      'generator client {\n  provider = "prisma-client"\n  output = "./client"\n  importFileExtension = "ts"\n}',
      `datasource db {\n  provider = "${provider}"\n}`,
      'model Order {\n  id Int @id\n  @@map("orders")\n}',
    ].join('\n'),
  );
  await writeFile(
    join(folder, 'prisma.config.ts'),
    `export default { schema: './schema.prisma', datasource: { url: '${provider}://127.0.0.1/none' } };\n`,
  );
  const cli = createRequire(import.meta.url).resolve('prisma/build/index.js');
  await promisify(execFile)(process.execPath, [cli, 'generate'], {
    cwd: folder,
    // the engine is for migrations; naming one keeps the command from fetching it
    env: {
      ...process.env,
      PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
      CHECKPOINT_DISABLE: '1',
      PRISMA_HIDE_UPDATE_MESSAGE: '1',
    },
  });
  const { PrismaClient } = await import(pathToFileURL(join(folder, 'client', 'client.ts')).href);
  return { PrismaClient, drop: () => rm(folder, { recursive: true, force: true }) };
}
