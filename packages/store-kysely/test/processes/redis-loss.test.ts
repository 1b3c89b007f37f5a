import { databases, effort } from '@tidings/testing';
import { expect, it, onTestFinished } from 'vitest';
import { startFleet } from './fleet.ts';
import { startPrivateRedis } from './private-redis.ts';

const runs = databases(['postgres']).length > 0 && databases(['redis']).length > 0;
const patient = { timeout: 240_000, interval: 50 };

it.skipIf(!runs)(
  'a Redis that is emptied and restarted while sends go on loses nothing and repeats nothing',
  { timeout: 300_000 },
  async () => {
    const redis = await startPrivateRedis();
    const fleet = await startFleet('postgres', 'bullmq', { producers: 1, redis: redis.url });
    onTestFinished(async () => {
      await fleet.drop();
      await redis.stop();
    }, 60_000);
    const producer = 4;
    const rounds = effort({ quick: 6, ci: 10, verify: 50 });
    const each = 50;
    for (let round = 0; round < rounds; round += 1) {
      const [sent] = await Promise.all([
        fleet.tell(producer, `mail ${each} r${round}`),
        round % 3 === 2 ? redis.restart() : redis.flush(),
      ]);
      expect(sent).toBe('sent');
    }
    await expect.poll(async () => (await fleet.calls()).length, patient).toBeGreaterThanOrEqual(rounds * each);
    expect(await fleet.stop()).toEqual([0, 0, 0, 0, 0]);
    const calls = await fleet.calls();
    expect(new Set(calls.map(({ to }) => to)).size).toBe(rounds * each);
    expect(calls).toHaveLength(rounds * each);
  },
);
