import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Redis } from 'ioredis';
import { freePort } from '../free-port.ts';

/** A Redis of one's own, which may be stopped and emptied. */
export interface PrivateRedis {
  readonly url: string;
  flush(): Promise<void>;
  /** Ends it and starts it again, empty. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts one on a free port, without persistence. Needs `redis-server`. */
export async function startPrivateRedis(): Promise<PrivateRedis> {
  const port = await freePort();
  const url = `redis://127.0.0.1:${port}`;
  let server: ChildProcess | undefined;
  async function start(): Promise<void> {
    const options = ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
    server = spawn('redis-server', options, { stdio: 'ignore' });
    await within(url, (redis) => redis.ping());
  }
  async function stop(): Promise<void> {
    if (!server || server.exitCode !== null) return;
    const ended = once(server, 'exit');
    server.kill('SIGKILL');
    await ended;
  }
  await start();
  return {
    url,
    flush: () => within(url, (redis) => redis.flushall()).then(() => {}),
    restart: () => stop().then(start),
    stop,
  };
}

async function within<Result>(url: string, use: (redis: Redis) => Promise<Result>): Promise<Result> {
  const redis = new Redis(url, { maxRetriesPerRequest: 100, retryStrategy: () => 50 });
  redis.on('error', () => {});
  return use(redis).finally(() => redis.disconnect());
}
