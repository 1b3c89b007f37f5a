import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { databases } from '@tidings/testing';
import { Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { checkOptions } from '../src/bullmq-options.ts';
import { bullmqQueue } from '../src/index.ts';
import { createProducer } from '../src/produce-jobs.ts';
import { common, redisUrl } from './subject.ts';

const listeners = (connection: Redis): readonly number[] =>
  ['ready', 'close', 'error'].map((event) => connection.listenerCount(event));

describe.skipIf(databases(['redis']).length === 0)('publishing while it connects', () => {
  it('makes one queue, however many publish', async () => {
    const prefix = `tidings-${randomUUID()}`;
    const held: (readonly number[])[] = [];
    for (const puts of [1, 10]) {
      const connection = new Redis(redisUrl, { lazyConnect: true });
      const producer = createProducer(checkOptions({ ...common, timeoutMs: 30_000, connection, prefix }));
      const jobs = [{ v: 1, priority: 1, wakeUps: [['ses', 1, ['1']]] }] as const;
      await Promise.all(Array.from({ length: puts }, () => producer.put(jobs)));
      held.push(listeners(connection));
      await producer.close();
      const keys = await connection.keys(`${prefix}:*`);
      await connection.del(...keys);
      connection.disconnect();
    }
    expect(held[1]).toEqual(held[0]);
  });
});

it('waits once for a Redis that never answers, however often is published', async () => {
  const sockets = new Set<Socket>();
  const silent = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
  });
  silent.listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const connection = new Redis({ port: (silent.address() as AddressInfo).port, lazyConnect: true });
  connection.on('error', () => {});
  void connection.connect().catch(() => {});
  const queue = bullmqQueue({ ...common, timeoutMs: 20, connection });
  const publish = (): Promise<unknown> =>
    queue.publish([{ lane: 'ses', priority: 1, scope: 1, ids: ['1'] }]).catch((error: Error) => error.message);
  try {
    expect(await publish()).toMatch(/Redis did not take/);
    const before = listeners(connection);
    for (let count = 0; count < 5; count += 1) await publish();
    expect(listeners(connection)).toEqual(before);
  } finally {
    await queue.close();
    connection.disconnect();
    for (const socket of sockets) socket.destroy();
    silent.close();
  }
});
