import { expect, it } from 'vitest';
import { systemRandom } from './system-clock.ts';
import { isUuid, uuidv7 } from './uuid.ts';

it('makes ids of version 7 that hold their time', () => {
  const at = Date.parse('2026-03-01T12:00:00.123Z');
  const id = uuidv7(at, systemRandom);
  expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16)).toBe(at);
  expect(isUuid(id) && isUuid(id.toUpperCase())).toBe(true);
});

it('rises within a millisecond, however many there are, and over a small step back of the clock', () => {
  const at = Date.parse('2031-01-01T00:00:00Z');
  const ids = Array.from({ length: 20_000 }, (_, index) => uuidv7(at - (index % 5), systemRandom));
  expect(ids).toEqual([...ids].sort());
  expect(new Set(ids).size).toBe(ids.length);
});

it('follows a clock that was set back for good', () => {
  const at = Date.parse('2020-01-01T00:00:00Z');
  expect(Number.parseInt(uuidv7(at, systemRandom).replaceAll('-', '').slice(0, 12), 16)).toBe(at);
});

it('knows what is no uuid', () => {
  for (const value of [
    '',
    'abc',
    `${'0'.repeat(36)}`,
    '01a1fc63-61de-7878-ac19-a7a900210bd',
    ' 01a1fc63-61de-7878-ac19-a7a900210bd4',
  ]) {
    expect(isUuid(value)).toBe(false);
  }
});
