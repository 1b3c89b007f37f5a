import { TidingsError } from '@tidings/core';
import { PgBoss } from 'pg-boss';
import { expect, it } from 'vitest';
import { type PgBossQueueOptions, pgBossQueue } from '../src/index.ts';

const connection = 'postgres://localhost/app';

it.for<[path: string, options: object]>([
  ['connection', {}],
  ['connection', { connection: 'mysql://localhost' }],
  ['connection', { connection: 7 }],
  ['connection.max', { connection: { max: 3 } }],
  ['schema', { connection: new PgBoss(connection), schema: 'mine' }],
  ['schema', { connection, schema: 'my schema' }],
  ['name', { connection, name: 'a b' }],
  ['timeoutMs', { connection, timeoutMs: 0 }],
  ['redeliverMs', { connection, redeliverMs: 10 }],
  ['log', { connection, log: {} }],
  ['retries', { connection, retries: 3 }],
])('refuses %s', ([path, options]) => {
  let error: unknown;
  try {
    pgBossQueue(options as PgBossQueueOptions);
  } catch (thrown) {
    error = thrown;
  }
  expect(TidingsError.is(error, 'CONFIGURATION_INVALID') && error.path).toBe(path);
});

it('says nothing of a password', () => {
  expect(() => pgBossQueue({ connection: 'http://user:hunter2@localhost' })).toThrow(
    expect.not.objectContaining({ message: expect.stringContaining('hunter2') }),
  );
});

it('opens nothing before it is used', async () => {
  const before = process.getActiveResourcesInfo().length;
  const queue = pgBossQueue({ connection });
  expect(process.getActiveResourcesInfo().length).toBe(before);
  await queue.close();
});
