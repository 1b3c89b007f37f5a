import { databases, testQueue } from '@tidings/testing';
import { Redis } from 'ioredis';
import { describe } from 'vitest';
import { bullmqSubject } from './subject.ts';

describe.skipIf(databases(['redis']).length === 0)('bullmqQueue', () => {
  testQueue(() => bullmqSubject((url) => ({ connection: url })), { title: 'connections of its own' });

  testQueue(
    () =>
      bullmqSubject((url) => {
        const connection = new Redis(url, { retryStrategy: (times) => Math.min(500, times * 50) });
        connection.on('error', () => {});
        return { connection, end: () => connection.disconnect() };
      }),
    { title: "a host's connection" },
  );
});
