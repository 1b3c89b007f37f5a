import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { databases, isolatedPostgres, startChild } from '@tidings/testing';
import { Redis } from 'ioredis';
import { SMTPServer } from 'smtp-server';
import { describe, expect, onTestFinished, test } from 'vitest';

const queues = ['poll', 'pg-boss', ...(databases(['redis']).length > 0 ? ['bullmq'] : [])];
const redisUrl = process.env.TIDINGS_REDIS_URL || 'redis://127.0.0.1:6379';
const signups = 200;

/** A mail server that counts what each address got. */
async function startMailServer(): Promise<{ url: string; mails: Map<string, number> }> {
  const mails = new Map<string, number>();
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    onData(stream, { envelope }, answer) {
      stream.resume().once('end', () => {
        for (const { address } of envelope.rcptTo) mails.set(address, (mails.get(address) ?? 0) + 1);
        answer(null);
      });
    },
  });
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  onTestFinished(() => new Promise<void>((resolve) => server.close(resolve)));
  return { url: `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`, mails };
}

async function removeKeys(prefix: string): Promise<void> {
  const redis = new Redis(redisUrl);
  const keys = await redis.keys(`${prefix}:*`);
  if (keys.length > 0) await redis.del(...keys);
  redis.disconnect();
}

describe.skipIf(databases(['postgres']).length === 0)('a web process and two workers', () => {
  test.each(queues)(
    '%s: every mail once, also when a worker is stopped in the middle',
    {
      timeout: 120_000,
    },
    async (queue) => {
      const { url, mails } = await startMailServer();
      const place = await isolatedPostgres({ max: 1 });
      const prefix = queue === 'bullmq' ? `tidings-${randomUUID()}` : place.schema;
      const env = {
        DATABASE_URL: place.url,
        SMTP_URL: url,
        REDIS_URL: redisUrl,
        QUEUE: queue,
        QUEUE_PREFIX: prefix,
        PORT: '0',
      };
      const start = (script: string) => startChild(new URL(`../${script}`, import.meta.url), { env });
      const workers = [start('worker.ts'), start('worker.ts')] as const;
      const web = start('web.ts');
      onTestFinished(async () => {
        for (const { process: child } of [web, ...workers]) if (child.exitCode === null) child.kill('SIGKILL');
        await Promise.all([web, ...workers].map(({ ended }) => ended));
        if (queue === 'bullmq') await removeKeys(prefix);
        await place.drop();
      });
      expect(await Promise.all(workers.map((worker) => worker.line()))).toEqual(['working', 'working']);
      const port = /^listening on (\d+)$/.exec(await web.line())?.[1];

      const post = async (n: number): Promise<number> => {
        const body = JSON.stringify({ email: `person${n}@example.com`, plan: 'green' });
        return (await fetch(`http://127.0.0.1:${port}/signup`, { method: 'POST', body })).status;
      };
      const statuses: number[] = [];
      for (let n = 0; n < signups; n += 20) {
        if (n === signups / 2) workers[0].process.kill('SIGTERM');
        statuses.push(...(await Promise.all(Array.from({ length: 20 }, (_, index) => post(n + index)))));
      }
      expect(new Set(statuses)).toEqual(new Set([202]));
      expect(await post(0)).toBe(202);
      await expect.poll(() => mails.size, { timeout: 60_000 }).toBe(signups);

      web.process.kill('SIGTERM');
      workers[1].process.kill('SIGINT');
      expect(await Promise.all([web, ...workers].map(({ ended }) => ended))).toEqual([0, 0, 0]);
      const sent = await Promise.all(workers.map((worker) => worker.line()));
      expect(sent.reduce((sum, line) => sum + Number(line.replace('sent ', '')), 0)).toBe(signups);
      expect(new Set(mails.values())).toEqual(new Set([1]));
    },
  );
});
