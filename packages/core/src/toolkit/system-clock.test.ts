import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { systemClock, systemRandom } from './system-clock.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] });
});
afterEach(() => {
  vi.useRealTimers();
});

const day = 86_400_000;

it('waits longer than a timer of Node can', () => {
  let ran = 0;
  systemClock.after(60 * day, () => {
    ran += 1;
  });
  vi.advanceTimersByTime(60 * day - 1);
  expect(ran).toBe(0);
  vi.advanceTimersByTime(1);
  expect(ran).toBe(1);
  vi.advanceTimersByTime(100 * day);
  expect(ran).toBe(1);
});

it('cancels a wait in any of its parts', () => {
  let ran = false;
  const timer = systemClock.after(60 * day, () => {
    ran = true;
  });
  vi.advanceTimersByTime(40 * day);
  timer.cancel();
  timer.cancel();
  vi.advanceTimersByTime(40 * day);
  expect(ran).toBe(false);
  expect(vi.getTimerCount()).toBe(0);
});

it('holds the process only where it is asked to', () => {
  vi.useRealTimers();
  const count = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
  const before = count();
  const loose = systemClock.after(60_000, () => {}, { hold: false });
  expect(count()).toBe(before);
  const held = systemClock.after(60_000, () => {});
  expect(count()).toBe(before + 1);
  held.cancel();
  loose.cancel();
});

it('gives bytes of its own', () => {
  const given = Array.from({ length: 1_000 }, () => systemRandom.bytes(16));
  expect(new Set(given.map((bytes) => Buffer.from(bytes).toString('hex'))).size).toBe(1_000);
  const [first, second] = [systemRandom.bytes(8), systemRandom.bytes(8)];
  const copy = Buffer.from(second);
  first.fill(0);
  expect(Buffer.from(second)).toEqual(copy);
  expect(systemRandom.bytes(5_000)).toHaveLength(5_000);
  expect(systemRandom.fraction()).toBeLessThan(1);
});
