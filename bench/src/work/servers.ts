import { randomBytes } from 'node:crypto';

/** The servers, as the environment names them for the tests too, or as they stand by default. */
export const servers = {
  postgres: process.env.TIDINGS_POSTGRES_URL || 'postgres://postgres@127.0.0.1:5432/test',
  mariadb: process.env.TIDINGS_MARIADB_URL || 'mysql://root@127.0.0.1:3306/test',
  redis: process.env.TIDINGS_REDIS_URL || 'redis://127.0.0.1:6379',
} as const;

/** A name no other run has: of a schema, a folder, or what Redis keys begin with. */
export const uniqueName = (): string => `bench_${randomBytes(5).toString('hex')}`;
