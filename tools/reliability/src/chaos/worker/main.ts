// One worker of a chaos run: a host with an engine, killed at any moment. Told by its environment what to do.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createEngine, type Logger } from '@tidings/core';
import { ledgerFiles, type WorkerEntry } from '../entries.ts';
import { openJournal } from '../ledger.ts';
import { monotonic } from '../monotonic.ts';
import { openPlace } from '../open-place.ts';
import { settings, type WorkerOrder } from '../settings.ts';
import { answerRequests } from './answer-requests.ts';
import { events } from './events.ts';
import { createFailpoints, type Failpoint } from './failpoints.ts';
import { observedQueue } from './observed-queue.ts';
import { observedStore } from './observed-store.ts';
import { openQueue } from './open-queue.ts';
import { plants } from './plants.ts';
import { providerAdapters } from './provider-adapter.ts';

/** What the fleet tells a worker. */
export type WorkerCommand = { readonly arm: Failpoint; readonly hits: number };
/** What a worker tells the fleet. */
export type WorkerReport = { readonly ready: number } | { readonly progress: number };

const order = JSON.parse(process.env.TIDINGS_CHAOS_WORKER ?? '{}') as WorkerOrder;
const journal = openJournal<WorkerEntry>(join(order.folder, ledgerFiles.worker(order.name)));
const failpoints = createFailpoints((point) => journal.write({ kind: 'dies', at: monotonic(), point }));
const report = (told: WorkerReport): void => {
  if (process.connected) process.send?.(told);
};

const place = await openPlace(order.place);
const queue = await openQueue(order);
const plant = order.plant === null ? {} : (plants[order.plant] ?? {});
const observed = observedStore(place.store, failpoints, journal.write);
const adapters = providerAdapters(order.provider, order.name, failpoints, journal.write);

const engine = createEngine({
  store: plant.store?.(observed) ?? observed,
  adapters: adapters.map((adapter) => plant.adapter?.(adapter) ?? adapter),
  events,
  queue: observedQueue(queue, failpoints),
  app: { name: 'Chaos' },
  role: order.role,
  secrets: ['a secret that all workers share'],
  log: journalLogger(),
  delivery: {
    leaseMs: settings.leaseMs,
    pollMs: settings.pollMs,
    sweepMs: settings.sweepMs,
    graceMs: settings.graceMs,
    retry: settings.retry,
    // What is struck often in a row by chance must not rest for longer than everything else takes.
    circuit: { openMs: settings.circuitOpenMs },
    unknown: { email: order.unknown, push: order.unknown },
  },
});

const server = createServer((request, response) => {
  void answerRequests(engine, request, response, (accepted) => report({ progress: accepted }));
});

process.on('message', ({ arm, hits }: WorkerCommand) => failpoints.arm(arm, hits));
process.on('SIGTERM', () => void stop());
process.on('disconnect', () => {
  // whoever started us is gone, and with it the run
  if (!stopping) process.exit(3);
});

let stopping = false;
await engine.start();
server.listen(0, '127.0.0.1', () => report({ ready: (server.address() as AddressInfo).port }));

async function stop(): Promise<void> {
  if (stopping) return;
  stopping = true;
  server.close();
  server.closeIdleConnections();
  await engine.stop();
  server.closeAllConnections();
  await place.close();
  if (process.connected) process.disconnect();
  // nothing may be left that holds the process: then it ends by itself, long before this
  setTimeout(() => {
    noteStopped();
    process.exit(4);
  }, 3000).unref();
  process.on('exit', noteStopped);
}

function noteStopped(): void {
  const left = process.getActiveResourcesInfo();
  journal.write({
    kind: 'stopped',
    at: monotonic(),
    timers: left.filter((name) => name === 'Timeout').length,
    sockets: left.filter((name) => name.startsWith('TCP')).length,
  });
}

function journalLogger(): Logger {
  const log =
    (level: string) =>
    (fields: object, message: string): void => {
      const err = (fields as { err?: unknown }).err;
      journal.write({
        kind: 'log',
        level,
        message,
        fields: { ...fields, err: err === undefined ? undefined : causes(err) },
      });
    };
  return { debug() {}, info() {}, warn: log('warn'), error: log('error') };
}

function causes(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message} ← ${causes(error.cause)}`;
}
