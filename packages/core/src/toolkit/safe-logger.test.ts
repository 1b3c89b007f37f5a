import { expect, it } from 'vitest';
import type { Logger } from '../spec/index.ts';
import { safeLogger } from './safe-logger.ts';

const levels = ['debug', 'info', 'warn', 'error'] as const;
const every = (at: Logger['warn']): Logger => ({ debug: at, info: at, warn: at, error: at });

it.each(levels)('hands on what is said at %s, to the logger as a method of it', (level) => {
  const said: unknown[] = [];
  const logger = every(function (this: unknown, fields, message) {
    said.push(this === logger, fields, message);
  });
  safeLogger(logger)[level]({ a: 1 }, 'x');
  expect(said).toEqual([true, { a: 1 }, 'x']);
});

it.each(levels)('does not throw at %s', async (level) => {
  const throwing = every(() => {
    throw new Error('full');
  });
  expect(() => safeLogger(throwing)[level]({}, 'x')).not.toThrow();
  // Left alone, this rejection would fail the run.
  safeLogger(every((async () => Promise.reject(new Error('full'))) as Logger['warn']))[level]({}, 'x');
  await new Promise((resolve) => setImmediate(resolve));
});
