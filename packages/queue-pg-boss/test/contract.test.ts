import { databases, testQueue } from '@tidings/testing';
import { PgBoss } from 'pg-boss';
import { describe } from 'vitest';
import { pgBossSubject } from './subject.ts';

describe.skipIf(databases(['postgres']).length === 0)('pgBossQueue', () => {
  testQueue(() => pgBossSubject(async (connection, schema) => ({ options: { connection, schema } })), {
    title: 'connections of its own',
  });

  testQueue(
    () =>
      pgBossSubject(async (connectionString, schema) => {
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
