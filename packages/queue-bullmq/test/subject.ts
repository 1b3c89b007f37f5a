import { randomUUID } from 'node:crypto';
import { silentLogger } from '@tidings/core';
import { breakableProxy, type QueueSubject, startChild } from '@tidings/testing';
import { Queue as Jobs } from 'bullmq';
import { Redis } from 'ioredis';
import { type BullmqQueueOptions, bullmqQueue } from '../src/index.ts';

export const redisUrl: string = process.env.TIDINGS_REDIS_URL || 'redis://127.0.0.1:6379';

/** What every queue here is made with besides. */
export const common: BullmqQueueOptions = { log: silentLogger, timeoutMs: 1_000, redeliverMs: 1_000 };

/** A queue with keys of its own, reached through a proxy that can be cut. */
export async function bullmqSubject(
  open: (url: string, prefix: string) => { connection: NonNullable<BullmqQueueOptions['connection']>; end?(): void },
): Promise<QueueSubject> {
  const prefix = `tidings-${randomUUID()}`;
  const proxy = await breakableProxy(new URL(redisUrl), 6379);
  const ends: (() => void)[] = [];
  const make = (): ReturnType<typeof bullmqQueue> => {
    const url = new URL(redisUrl);
    url.host = `127.0.0.1:${proxy.port}`;
    const { connection, end } = open(url.href, prefix);
    if (end) ends.push(end);
    return bullmqQueue({ ...common, connection, prefix });
  };
  const direct = new Redis(redisUrl, { maxRetriesPerRequest: null });
  const jobs = new Jobs('tidings', { connection: direct, prefix, skipMetasUpdate: true });
  const keys = (): Promise<string[]> => direct.keys(`${prefix}:*`);
  const flush = async (): Promise<void> => {
    const all = await keys();
    if (all.length > 0) await direct.del(...all);
  };
  return {
    queue: make(),
    broker: {
      peer: make,
      away: proxy.away,
      back: proxy.back,
      flush,
      async putForeign() {
        await jobs.add('wake-up', { v: 9, adr: 'new' });
        await jobs.add('other', 'what is this');
      },
      async jobs() {
        const counts = await jobs.getJobCounts('waiting', 'prioritized', 'active', 'delayed', 'failed', 'completed');
        return Object.values(counts).reduce((sum, count) => sum + count, 0);
      },
      async stored() {
        const texts: unknown[] = [];
        for (const key of await keys()) {
          const type = await direct.type(key);
          if (type === 'hash') texts.push(await direct.hgetall(key));
          else if (type === 'stream') texts.push(await direct.xrange(key, '-', '+'));
          else if (type === 'zset') texts.push(await direct.zrange(key, '0', '-1'));
          else if (type === 'list') texts.push(await direct.lrange(key, 0, -1));
          else texts.push(await direct.get(key));
        }
        return JSON.stringify(texts);
      },
      async takeAndDie() {
        const child = startChild(new URL('./dying-consumer.ts', import.meta.url), redisUrl, prefix);
        await child.line();
        child.process.kill('SIGKILL');
        await child.ended;
      },
    },
    async close() {
      for (const end of ends) end();
      await flush();
      await jobs.close();
      direct.disconnect();
      await proxy.close();
    },
  };
}
