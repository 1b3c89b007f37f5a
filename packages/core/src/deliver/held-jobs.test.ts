import { describe, expect, test } from 'vitest';
import type { Job } from '../plan/job.ts';
import { createHeldJobs } from './held-jobs.ts';

const leased = (leaseEnds: number): Job => ({ leaseEnds, message: { epoch: 1 } }) as Job;

describe('the jobs a process holds', () => {
  test('begin as long as enough of the lease is left, to the millisecond', () => {
    let now = 0;
    const jobs = createHeldJobs({ monotonic: () => now }, 45_000);
    const held = jobs.add(leased(45_000));
    now = 30_001;
    expect(jobs.begin(held, 15_000)).toBe(false);
    expect(held.began).toBe(false);
    now = 30_000;
    expect(jobs.begin(held, 15_000)).toBe(true);
    expect(held.began).toBe(true);
  });

  test('begin later once their lease was renewed; an older answer takes nothing back', () => {
    const jobs = createHeldJobs({ monotonic: () => 60_000 }, 45_000);
    const held = jobs.add(leased(45_000));
    expect(held.checkedAt).toBe(0);
    jobs.checked(held, 45_000, 90_000);
    jobs.checked(held, 46_000);
    expect([held.leaseEnds, held.checkedAt]).toEqual([90_000, 46_000]);
    expect(jobs.begin(held, 30_000)).toBe(true);
  });

  test('do not begin once lost, and a call that runs is aborted', () => {
    const jobs = createHeldJobs({ monotonic: () => 0 }, 45_000);
    const [waiting, calling] = [jobs.add(leased(45_000)), jobs.add(leased(45_000))];
    const told: string[] = [];
    calling.abort = (reason) => told.push(reason);
    jobs.lose(waiting);
    jobs.lose(calling);
    expect(jobs.begin(waiting, 15_000)).toBe(false);
    expect(told).toEqual(['Another process took the message over.']);
    expect([...jobs.all()]).toEqual([]);
  });

  test('come in the order in which a store was asked about them, until they end', () => {
    const jobs = createHeldJobs({ monotonic: () => 0 }, 45_000);
    const [first, second, third] = [1, 2, 3].map((end) => jobs.add(leased(end)));
    if (!first || !second || !third) throw new Error('Three were added.');
    jobs.checked(first, 10);
    jobs.end(second);
    jobs.checked(second, 10);
    expect([...jobs.all()]).toEqual([third, first]);
  });
});
