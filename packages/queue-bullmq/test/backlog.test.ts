import { randomUUID } from 'node:crypto';
import { silentLogger } from '@tidings/core';
import { databases } from '@tidings/testing';
import { Queue as Jobs } from 'bullmq';
import { Redis } from 'ioredis';
import { expect, it } from 'vitest';
import { checkOptions } from '../src/bullmq-options.ts';
import { createProducer } from '../src/produce-jobs.ts';
import { redisUrl } from './subject.ts';

it.skipIf(databases(['redis']).length === 0)(
  'wake-ups that nobody takes are no more than anybody could need, and flow again once they are taken',
  async () => {
    const prefix = `tidings-${randomUUID()}`;
    const warnings: string[] = [];
    const log = { ...silentLogger, warn: (_about: object, text: string) => void warnings.push(text) };
    const producer = createProducer(checkOptions({ connection: redisUrl, prefix, timeoutMs: 30_000, log }));
    const connection = new Redis(redisUrl, { maxRetriesPerRequest: null });
    const jobs = new Jobs('tidings', { connection, prefix, skipMetasUpdate: true });
    const job = { v: 1, priority: 1, wakeUps: [['ses', 1, ['1']]] } as const;
    const some = Array.from({ length: 500 }, () => job);
    try {
      for (let added = 0; added < 15_000; added += some.length) await producer.put(some);
      // it is counted once in a thousand
      expect(await jobs.count()).toBeLessThanOrEqual(11_000);
      expect(await jobs.count()).toBeGreaterThanOrEqual(10_000);
      expect(warnings).toEqual([expect.stringMatching(/nobody takes/i)]);

      await jobs.drain();
      await producer.put([job]);
      expect(await jobs.count()).toBe(1);
    } finally {
      await producer.close();
      await jobs.obliterate({ force: true });
      await jobs.close();
      connection.disconnect();
    }
  },
  60_000,
);
