import { describe, expect, test } from 'vitest';
import { createRateWindow } from './rate-window.ts';

test('allows exactly the limit in any window, whenever the starts were', () => {
  const window = createRateWindow(3, 1000, () => 1);
  const starts: number[] = [];
  for (let now = 0; now < 10_000; now += 7) {
    if (window.free(now) === 0 || (now % 3 === 0 && now < 5000)) continue;
    window.reserve(1);
    window.begin(now);
    starts.push(now);
  }
  const most = Math.max(...starts.map((at) => starts.filter((other) => other >= at && other < at + 1000).length));
  expect(most).toBe(3);
  expect(starts.length).toBeGreaterThan(20);
});

test('a start counts from when it begins, not from when it was reserved', () => {
  const window = createRateWindow(2, 1000, () => 1);
  window.reserve(2);
  expect(window.free(0)).toBe(0);
  window.begin(900);
  window.begin(900);
  expect([window.free(1000), window.free(1899), window.free(1900)]).toEqual([0, 0, 2]);
});

test('what is given back is free again, and takes nothing from what began', () => {
  const window = createRateWindow(3, 1000, () => 1);
  window.reserve(3);
  window.begin(500);
  window.giveBack(2);
  expect([window.free(500), window.free(1499), window.free(1500)]).toEqual([2, 2, 3]);
});

describe('the wait', () => {
  test('is until the oldest start leaves the window', () => {
    const window = createRateWindow(2, 1000, () => 1);
    expect(window.waitMs(0)).toBe(0);
    window.reserve(2);
    window.begin(0);
    window.begin(400);
    expect([window.waitMs(400), window.waitMs(999), window.waitMs(1000)]).toEqual([600, 1, 0]);
  });

  test('is not known while only reserved starts stand in the way', () => {
    const window = createRateWindow(1, 1000, () => 1);
    window.reserve(1);
    expect(window.waitMs(0)).toBeUndefined();
    window.begin(100);
    expect(window.waitMs(100)).toBe(1000);
  });
});

test('is shared by the processes that live, at least one start each', () => {
  let live = 1;
  const window = createRateWindow(5, 1000, () => live);
  expect(window.free(0)).toBe(5);
  live = 2;
  expect(window.free(0)).toBe(2);
  live = 100;
  expect(window.free(0)).toBe(1);
});
