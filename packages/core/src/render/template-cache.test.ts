import { expect, it } from 'vitest';
import { TemplateCache } from './template-cache.ts';

it('drops the least recently used', () => {
  const cache = new TemplateCache<number>(3);
  for (const [index, key] of ['a', 'b', 'c'].entries()) cache.set(key, index);
  expect(cache.get('a')).toBe(0);
  expect(cache.get('a')).toBe(0);
  cache.set('d', 3);
  expect(cache.get('b')).toBeUndefined();
  expect([cache.get('a'), cache.get('c'), cache.get('d')]).toEqual([0, 2, 3]);
  cache.set('e', 4);
  expect(cache.get('a')).toBeUndefined();
  cache.set('e', 5);
  expect([cache.size, cache.get('e')]).toEqual([3, 5]);
});
