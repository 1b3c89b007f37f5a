import { databases, effort } from '@tidings/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { servers } from '../servers.ts';
import { type Call, type Fleet, type FleetOptions, type QueueKind, startFleet } from './fleet.ts';

const patient = { timeout: 240_000, interval: 100 };
const timeout = 300_000;

async function fleetOf(database: 'postgres' | 'mariadb', queue: QueueKind, options?: FleetOptions): Promise<Fleet> {
  const fleet = await startFleet(database, queue, options);
  onTestFinished(() => fleet.drop(), 60_000);
  return fleet;
}

const workers = [0, 1, 2, 3] as const;
const byProcess = (calls: readonly Call[]): ReadonlySet<number> => new Set(calls.map((call) => call.process));

const combinations = (
  [
    ['postgres', 'in-process'],
    ['mariadb', 'in-process'],
    ['postgres', 'bullmq'],
    ['postgres', 'pg-boss'],
  ] as const
).filter(
  ([database, queue]) => databases([database]).length > 0 && (queue !== 'bullmq' || databases(['redis']).length > 0),
);

describe.each(combinations)('four processes on %s, woken by %s', (database, queue) => {
  it('call every message once, and share the work', { timeout }, async () => {
    const fleet = await fleetOf(database, queue, { producers: 1 });
    const each = effort({ quick: 80, ci: 100, verify: 2_000 });
    const producer = 4;
    const sent = [...workers, producer].map((member) => fleet.tell(member, `mail ${each} m${member}`));
    expect(await Promise.all(sent)).toEqual(Array(5).fill('sent'));
    await expect.poll(async () => (await fleet.calls()).length, patient).toBeGreaterThanOrEqual(5 * each);
    expect(await fleet.stop()).toEqual([0, 0, 0, 0, 0]);
    const calls = await fleet.calls();
    expect(new Set(calls.map(({ to }) => to)).size).toBe(5 * each);
    expect(calls).toHaveLength(5 * each);
    expect(byProcess(calls)).toEqual(new Set(workers));
    // what only accepts is delivered by the others, by more than one of them
    expect(byProcess(calls.filter(({ to }) => to.startsWith('m4-'))).size).toBeGreaterThan(1);
  });

  // What wakes them has no part in the next one.
  if (queue !== 'in-process') return;

  it('make one notification of many sends with one key', { timeout }, async () => {
    const fleet = await fleetOf(database, queue);
    const each = effort({ quick: 100, ci: 100, verify: 2_500 });
    const ids = await Promise.all(workers.map((member) => fleet.tell(member, `same ${each} once`)));
    expect(new Set(ids.flatMap((answer) => JSON.parse(answer) as string[])).size).toBe(1);
    await expect.poll(async () => (await fleet.calls()).length, patient).toBeGreaterThan(0);
    expect(await fleet.stop()).toEqual([0, 0, 0, 0]);
    expect((await fleet.calls()).map(({ to }) => to)).toEqual(['once@example.com']);
    const [row] = await fleet.query('SELECT count(*) AS n FROM tidings_notifications');
    expect(Number(row?.n)).toBe(1);
  });
});

describe.each(servers())('lanes over processes on %s', (database) => {
  it('share a rate: all together never exceed it once they know of each other', { timeout }, async () => {
    const rate = { limit: 40, perMs: 1_000 };
    // a process that stalls for three of these counts as gone
    const sweepMs = 3_000;
    const fleet = await fleetOf(database, 'in-process', { rate, pollMs: 100, sweepMs });
    const living = async (): Promise<number> =>
      Number((await fleet.query('SELECT count(*) AS n FROM tidings_processes'))[0]?.n);
    await expect.poll(living, patient).toBe(4);
    // whoever joined last is known to all one heartbeat later
    await new Promise((resolve) => setTimeout(resolve, 2 * sweepMs));
    const each = effort({ quick: 60, ci: 80, verify: 300 });
    await Promise.all(workers.map((member) => fleet.tell(member, `text ${each} 70${member}`)));
    await expect.poll(async () => (await fleet.calls()).length, patient).toBe(4 * each);
    const calls = await fleet.calls();
    expect(byProcess(calls)).toEqual(new Set(workers));
    const times = calls.map(({ at }) => at);
    expect(times.length).toBeGreaterThan(2 * rate.limit);
    expect(most(times, rate.perMs)).toBeLessThanOrEqual(rate.limit);
    await fleet.stop();
  });

  it('pause together: a 429 in one holds back the others from their next claim on', { timeout }, async () => {
    const pollMs = 100;
    const fleet = await fleetOf(database, 'in-process', { pollMs });
    await fleet.tell(0, 'throttle');
    await fleet.tell(0, 'text 1 700');
    await expect
      .poll(async () => (await fleet.query('SELECT 1 FROM tidings_lanes WHERE paused_until > 0')).length, patient)
      .toBe(1);
    const [throttled] = await fleet.calls();
    // each of the others claims in this time, and reads the pause with it
    await new Promise((resolve) => setTimeout(resolve, 10 * pollMs));
    await Promise.all(workers.map((member) => fleet.tell(member, `text 5 71${member}`)));
    await expect.poll(async () => (await fleet.calls()).length, patient).toBe(21);
    const [, ...after] = await fleet.calls();
    expect(Math.min(...after.map(({ at }) => at)) - (throttled?.at ?? 0)).toBeGreaterThanOrEqual(2_900);
    await fleet.stop();
  });
});

/** Most of these times in any window of `ms`; a little less, since each is written down just after the call began. */
function most(times: readonly number[], ms: number): number {
  const sorted = [...times].sort((a, b) => a - b);
  return Math.max(
    ...sorted.map((from, index) => sorted.filter((at, other) => other >= index && at < from + ms * 0.95).length),
  );
}
