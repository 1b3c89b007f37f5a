import { databases, type IsolatedPostgres, isolatedPostgres, testQueue } from '@tidings/testing';
import { PgBoss } from 'pg-boss';
import { afterAll, beforeAll, describe } from 'vitest';
import { pgBossSubject } from './subject.ts';

describe.skipIf(databases(['postgres']).length === 0)('pgBossQueue', () => {
  let place: IsolatedPostgres;
  // One for all, in which the first case makes the tables: that takes longer than a case.
  beforeAll(async () => {
    place = await isolatedPostgres({ max: 2 });
  });
  afterAll(() => place.drop());

  testQueue(() => pgBossSubject(place, async (connection, schema) => ({ options: { connection, schema } })), {
    title: 'connections of its own',
  });

  testQueue(
    () =>
      pgBossSubject(place, async (connectionString, schema) => {
        const connection = new PgBoss({
          connectionString,
          schema,
          useListenNotify: true,
          superviseIntervalSeconds: 1,
          monitorIntervalSeconds: 1,
        });
        connection.on('error', () => {});
        await connection.start();
        return { options: { connection }, end: () => connection.stop({ timeout: 2_000 }) };
      }),
    { title: "a host's PgBoss" },
  );
});
