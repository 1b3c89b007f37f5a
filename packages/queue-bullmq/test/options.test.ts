import { TidingsError } from '@tidings/core';
import { Redis } from 'ioredis';
import { expect, it } from 'vitest';
import { type BullmqQueueOptions, bullmqQueue } from '../src/index.ts';

it.for<[path: string, options: object]>([
  ['connection', { connection: 'http://localhost' }],
  ['connection', { connection: 7 }],
  ['connection.keyPrefix', { connection: { keyPrefix: 'mine' } }],
  ['connection', { connection: new Redis({ lazyConnect: true, keyPrefix: 'mine' }) }],
  ['name', { name: 'a:b' }],
  ['prefix', { prefix: '' }],
  ['timeoutMs', { timeoutMs: 0 }],
  ['redeliverMs', { redeliverMs: 10 }],
  ['log', { log: {} }],
  ['retries', { retries: 3 }],
])('refuses %s', ([path, options]) => {
  let error: unknown;
  try {
    bullmqQueue(options as BullmqQueueOptions);
  } catch (thrown) {
    error = thrown;
  }
  expect(TidingsError.is(error, 'CONFIGURATION_INVALID') && error.path).toBe(path);
});

it('says nothing of a password', () => {
  expect(() => bullmqQueue({ connection: 'http://user:hunter2@localhost' })).toThrow(
    expect.not.objectContaining({ message: expect.stringContaining('hunter2') }),
  );
});

it('opens nothing before it is used', async () => {
  const before = process.getActiveResourcesInfo().length;
  const queue = bullmqQueue();
  expect(process.getActiveResourcesInfo().length).toBe(before);
  await queue.close();
});
