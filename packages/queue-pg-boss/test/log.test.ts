import { silentLogger } from '@tidings/core';
import { breakableProxy, databases, isolatedPostgres } from '@tidings/testing';
import { expect, it } from 'vitest';
import { pgBossQueue } from '../src/index.ts';

const patient = { timeout: 45_000, interval: 50 };

it.skipIf(databases(['postgres']).length === 0)(
  'a consumer says that PostgreSQL is away, and with its next wake-ups that it is back',
  async () => {
    const { url, schema, drop } = await isolatedPostgres({ max: 1 });
    const proxy = await breakableProxy(new URL(url), 5432);
    const through = new URL(url);
    through.host = `127.0.0.1:${proxy.port}`;
    const said: string[] = [];
    const log = { ...silentLogger, warn: (_about: object, text: string) => void said.push(text) };
    const queue = pgBossQueue({ connection: through.href, schema, timeoutMs: 5_000, redeliverMs: 1_000, log });
    const away = expect.stringMatching(/is away/);
    const back = expect.stringMatching(/is back/);
    const publishes = (): Promise<boolean> =>
      queue.publish([{ lane: 'ses', priority: 1, scope: 1, ids: ['1'] }]).then(
        () => true,
        () => false,
      );
    try {
      await proxy.away();
      await queue.consume(async () => {});
      await expect.poll(() => said, patient).toEqual([away]);
      await proxy.back();
      await expect.poll(() => said, patient).toEqual([away, back]);
      await proxy.away();
      await expect.poll(() => said, patient).toEqual([away, back, away]);
      await proxy.back();
      await expect.poll(publishes, patient).toBe(true);
      await expect.poll(() => said.at(-1), patient).toEqual(back);
    } finally {
      await queue.close();
      await proxy.close();
      await drop();
    }
  },
  60_000,
);
