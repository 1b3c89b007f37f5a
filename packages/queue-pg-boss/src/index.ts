export type { PgBossConnection, PgBossQueueOptions } from './pg-boss-options.ts';
export { pgBossQueue } from './pg-boss-queue.ts';
