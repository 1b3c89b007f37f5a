export type { BullmqQueueOptions, RedisConnectionOptions } from './bullmq-options.ts';
export { bullmqQueue } from './bullmq-queue.ts';
