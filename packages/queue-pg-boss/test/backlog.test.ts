import { silentLogger } from '@tidings/core';
import type { WakeUp } from '@tidings/core/spec';
import { databases, isolatedPostgres } from '@tidings/testing';
import { PgBoss } from 'pg-boss';
import { describe, expect, it } from 'vitest';
import { type PgBossQueueOptions, pgBossQueue } from '../src/index.ts';
import { mostJobs } from '../src/produce-jobs.ts';

const patient = { timeout: 45_000, interval: 50 };

describe.skipIf(databases(['postgres']).length === 0)('wake-ups that nobody takes', () => {
  it('are no more than anybody could need, and flow again once somebody takes them', async () => {
    const { pool, schema, options, warnings, drop } = await place();
    const producers = [pgBossQueue(options), pgBossQueue(options)];
    const consumer = pgBossQueue(options);
    const jobs = async (): Promise<number> => {
      const { rows } = await pool.query(`SELECT count(*)::int AS n FROM ${schema}.job WHERE state < 'active'`);
      return rows[0].n;
    };
    try {
      for (const producer of producers) {
        for (let added = 0; added < 2 * mostJobs; added += 500) await producer.publish(jobsOf(500));
      }
      expect(await jobs()).toBe(mostJobs);
      expect(warnings).toEqual(producers.map(() => expect.stringMatching(/nobody takes/i)));

      const lanes = new Set<string>();
      await consumer.consume(async (wakeUps) => {
        for (const { lane } of wakeUps) lanes.add(lane);
      });
      await expect.poll(jobs, patient).toBe(0);
      for (const [index, producer] of producers.entries()) await producer.publish([wakeUp(`after ${index}`)]);
      await expect.poll(() => [...lanes].sort(), patient).toEqual(['after 0', 'after 1', 'ses']);
    } finally {
      for (const each of [...producers, consumer]) await each.close();
      await drop();
    }
  }, 60_000);

  it('are told of where a queue that was there before cannot bound them', async () => {
    const { url, schema, options, warnings, drop } = await place();
    const boss = new PgBoss({ connectionString: url, schema, supervise: false, schedule: false });
    const queue = pgBossQueue(options);
    try {
      await boss.start();
      await boss.createQueue('tidings');
      await queue.publish([wakeUp('ses')]);
      expect(warnings).toEqual([expect.stringMatching(/without a bound/)]);
    } finally {
      await queue.close();
      await boss.stop({ graceful: false });
      await drop();
    }
  }, 60_000);
});

/** A schema of its own, and a queue in it that says what it warns of. */
async function place() {
  const made = await isolatedPostgres({ max: 1 });
  const warnings: string[] = [];
  const options: PgBossQueueOptions = {
    connection: made.url,
    schema: made.schema,
    timeoutMs: 30_000,
    log: { ...silentLogger, warn: (_about: object, text: string) => void warnings.push(text) },
  };
  return { ...made, options, warnings };
}

function wakeUp(lane: string): WakeUp {
  return { lane, priority: 1, scope: 1, ids: ['1'] };
}

/** What makes that many jobs: two of these never share one. */
function jobsOf(count: number): readonly WakeUp[] {
  const ids = Array.from({ length: 501 }, () => '');
  return Array.from({ length: count }, (_, scope) => ({ ...wakeUp('ses'), scope, ids }));
}
