import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { ChaosOptions } from './chaos-options.ts';
import type { FaultEntry } from './entries.ts';
import type { Fleet } from './fleet.ts';
import type { Ledger } from './ledger.ts';
import { type MadePlace, makePlace } from './make-place.ts';
import { monotonic } from './monotonic.ts';
import { seeded } from './seeded.ts';
import { cuttingProxy } from './servers/cutting-proxy.ts';
import { privateMariadb } from './servers/private-mariadb.ts';
import { privatePostgres } from './servers/private-postgres.ts';
import { flushRedis, forgetKeys, privateRedis } from './servers/private-redis.ts';
import type { Place } from './settings.ts';
import { type Strike, workerStrike } from './strikes.ts';

/** What a run stands on, and what strikes it. */
export interface Surroundings {
  /** As the workers reach it. */
  readonly place: Place;
  /** As the checker does. */
  readonly direct: Place;
  /** Of Redis. */
  readonly redis: string;
  /** Keeps queues of runs apart. */
  readonly prefix: string;
  strike(fleet: Fleet): Strike;
  /** Removes everything. */
  end(): Promise<void>;
}

type Base = Omit<Surroundings, 'strike'>;

/** Makes the database, and for the modes that strike a server or the way to it, one of the run's own. */
export async function surroundings(
  options: ChaosOptions,
  folder: string,
  ledger: Ledger<FaultEntry>,
): Promise<Surroundings> {
  const random = seeded(options.seed, 'surroundings');
  if (options.mode === 'restart-database') {
    const { server, base } = await privateDatabase(options, folder);
    return struck(base, async () => {
      const from = monotonic();
      await server.restart();
      await ledger.write({ kind: 'outage', what: 'database', from, at: monotonic() });
    });
  }
  const base = await sharedDatabase(options, folder);
  if (options.mode === 'flush-redis') {
    const server = await privateRedis(folder);
    const own = { ...base, redis: server.url, end: () => server.end().then(base.end) };
    return struck(own, () => (random.chance(0.5) ? flushRedis(server.url) : server.restart()));
  }
  if (options.mode === 'half-open') {
    const target = new URL(base.direct.url);
    const proxy = await cuttingProxy(Number(target.port));
    target.port = String(proxy.port);
    const own = { ...base, place: { ...base.place, url: target.href }, end: () => proxy.close().then(base.end) };
    return struck(own, async () => {
      const from = monotonic();
      const how = random.below(4);
      if (how === 0) proxy.cutAll();
      else if (how === 1) await proxy.freeze(500 + random.below(1500));
      else if (!(await proxy.cutAfterCommit(2000))) proxy.cutAll();
      await wait(200);
      await ledger.write({ kind: 'outage', what: 'connection', from, at: monotonic() });
    });
  }
  return {
    ...base,
    strike(fleet) {
      const strike = workerStrike(options, fleet);
      if (!strike) throw new Error(`Nothing is known of the mode ${options.mode}.`);
      return strike;
    },
  };
}

const struck = (base: Base, strike: Strike): Surroundings => ({ ...base, strike: () => strike });

async function sharedDatabase(options: ChaosOptions, folder: string): Promise<Base> {
  const made = await makePlace(options.store, folder);
  return baseOn(made, options);
}

async function privateDatabase(
  options: ChaosOptions,
  folder: string,
): Promise<{ server: { restart(): Promise<void> }; base: Base }> {
  const { store } = options;
  const server = store === 'postgres' ? await privatePostgres(folder) : await privateMariadb(folder);
  const url = store === 'postgres' ? server.url : server.url.replace(/mysql$/, 'chaos');
  return { server, base: baseOn({ place: { store, url }, drop: server.end }, options) };
}

function baseOn({ place, drop }: MadePlace, { queue, mode }: ChaosOptions): Base {
  const prefix = `chaos${randomUUID().replaceAll('-', '').slice(0, 12)}`;
  const redis = process.env.TIDINGS_REDIS_URL || 'redis://127.0.0.1:6379';
  return {
    place,
    direct: place,
    redis,
    prefix,
    async end() {
      if (queue === 'bullmq' && mode !== 'flush-redis') await forgetKeys(redis, prefix);
      if (queue === 'pg-boss' && mode !== 'restart-database') await dropSchema(place.url, prefix);
      await drop();
    },
  };
}

async function dropSchema(url: string, schema: string): Promise<void> {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`).finally(() => client.end());
}
