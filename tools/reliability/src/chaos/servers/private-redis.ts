import { Redis } from 'ioredis';
import { freePort, type PrivateServer, privateServer } from './private-server.ts';

/** A Redis that keeps nothing on the disk: what it held is gone when it starts again. */
export async function privateRedis(folder: string): Promise<PrivateServer> {
  const port = await freePort();
  const url = `redis://127.0.0.1:${port}`;
  return privateServer({
    command: 'redis-server',
    args: ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'no'],
    crash: 'SIGKILL',
    url,
    answers: () => withRedis(url, async (redis) => void (await redis.ping())),
  });
}

/** Removes every key. */
export function flushRedis(url: string): Promise<void> {
  return withRedis(url, async (redis) => void (await redis.flushall()));
}

/** Removes the keys that begin with `prefix`. */
export function forgetKeys(url: string, prefix: string): Promise<void> {
  return withRedis(url, async (redis) => {
    for await (const keys of redis.scanStream({ match: `${prefix}*`, count: 1000 })) {
      if ((keys as string[]).length > 0) await redis.del(keys as string[]);
    }
  });
}

async function withRedis(url: string, act: (redis: Redis) => Promise<void>): Promise<void> {
  const redis = new Redis(url, { lazyConnect: true, maxRetriesPerRequest: 0, retryStrategy: () => null });
  redis.on('error', () => {});
  try {
    await redis.connect();
    await act(redis);
  } finally {
    redis.disconnect();
  }
}
