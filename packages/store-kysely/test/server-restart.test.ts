import { captureAdapter, createEngine, defineEvent, silentLogger } from '@tidings/core';
import { databases, effort } from '@tidings/testing';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { postgresStore } from '../src/index.ts';
import { postgresPrograms, privatePostgres } from './private-postgres.ts';

const ping = defineEvent({ templates: { sms: { en: { text: 'ping' } } } });
const programs = await postgresPrograms();
const wanted = databases(['postgres']).length > 0;
if (wanted && programs === undefined) {
  console.warn('Skipped: PostgreSQL restarted under load. Set TIDINGS_POSTGRES_BIN to the folder of its programs.');
}

describe.skipIf(!wanted || programs === undefined)('a PostgreSQL server that goes down under load', () => {
  it('and comes back, again and again: every send resolves, and is delivered once', async () => {
    const server = await privatePostgres(programs ?? '');
    const pool = new pg.Pool({ connectionString: server.url, max: 4 });
    pool.on('error', () => {});
    const texter = captureAdapter({ name: 'texter', channel: 'sms', keep: 1_000_000 });
    const engine = createEngine({
      store: postgresStore(pool),
      adapters: [{ ...texter, deadlineMs: 2000 }],
      events: { ping },
      log: silentLogger,
      storeWaitMs: 60_000,
      delivery: { leaseMs: 5000 },
    });
    await engine.start();
    const restarts = effort({ quick: 2, ci: 5, verify: 10 });
    let restarting = true;
    const sent = new Set<string>();
    const rejected: unknown[] = [];
    let next = 0;
    const sender = async (): Promise<void> => {
      while (restarting) {
        const to = `+4670${String(next).padStart(7, '0')}`;
        next += 1;
        await engine.send('ping', { to }).then(
          () => sent.add(to),
          (error: unknown) => rejected.push(error),
        );
      }
    };
    const senders = Array.from({ length: 20 }, sender);
    for (let round = 0; round < restarts; round += 1) {
      const before = sent.size;
      while (sent.size < before + 200) await new Promise((resolve) => setTimeout(resolve, 10));
      await server.stop(round % 2 === 0 ? 'fast' : 'immediate');
      await new Promise((resolve) => setTimeout(resolve, 500));
      await server.start();
    }
    restarting = false;
    await Promise.all(senders);
    const open = async (): Promise<number> => (await engine.messages.list({ status: 'queued', limit: 1 })).items.length;
    while ((await open()) > 0) await new Promise((resolve) => setTimeout(resolve, 100));
    const calls = texter.messages.map(({ to }) => to);
    expect(rejected).toEqual([]);
    expect([calls.length, new Set(calls).size]).toEqual([sent.size, sent.size]);
    await engine.stop();
    await pool.end();
    await server.drop();
  }, 180_000);
});
