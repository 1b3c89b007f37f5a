import { randomUUID } from 'node:crypto';
import type { CommitOptions, Store, StoreCapabilities } from '@tidings/core/spec';
import { claim } from './claim.ts';
import { commit, load } from './commit.ts';
import { type Context, createContext } from './context.ts';
import type { Dialect } from './dialects/dialect.ts';
import { joinedDialect } from './dialects/joined.ts';
import { erase } from './erase.ts';
import { commitJoined, idSetting, type Joining, readJoined } from './joined.ts';
import { listContacts, listMessages, listNotifications, listSuppressions } from './lists.ts';
import { migrate } from './migrations.ts';
import type { CheckedOptions } from './options.ts';
import { createRegistry } from './registry.ts';
import { closedStore } from './rerun.ts';
import type { Driver } from './statement.ts';
import type { TransactionBridge } from './transaction.ts';

/**
 * A store from a dialect and a driver, which joins what `bridge` takes for a transaction. The tables are looked after at its
 * first use.
 */
export function createStore<Tx>(
  dialect: Dialect,
  driver: Driver,
  capabilities: StoreCapabilities,
  options: CheckedOptions,
  bridge: TransactionBridge<Tx>,
): Store<Tx> {
  const context = createContext(dialect, driver, { ...options, isClosed: () => closed !== null });
  const registry = createRegistry(context);
  const begins = bridge.begin;
  let migrated: Promise<Joining> | null = null;
  let closed: Promise<void> | null = null;

  function ready(): Promise<Joining> {
    migrated ??= prepare().catch((error: unknown) => {
      migrated = null;
      throw error;
    });
    return migrated;
  }
  async function prepare(): Promise<Joining> {
    await migrate(context);
    // now, since with a transaction of the host's open it might be too late to write it
    const id = await registry.remember(idSetting, randomUUID());
    return {
      context: createContext(joinedDialect(dialect.name, options), driver, {
        ...options,
        isClosed: () => closed !== null,
      }),
      now: options.now,
      observe: options.observe,
      id,
    };
  }

  const running = new Set<Promise<unknown>>();

  async function run<R>(operation: (joining: Joining) => R | Promise<R>): Promise<R> {
    const result = begin(operation);
    running.add(result);
    try {
      return await result;
    } finally {
      running.delete(result);
    }
  }
  async function begin<R>(operation: (joining: Joining) => R | Promise<R>): Promise<R> {
    if (closed) throw closedStore();
    const joining = await ready();
    if (closed) throw closedStore();
    return operation(joining);
  }
  /** Reads as committed, or as the host's transaction sees it. */
  function read<R>(options: CommitOptions<Tx> | undefined, reading: (from: Context) => Promise<R>): Promise<R> {
    const transaction = options?.transaction as Tx | undefined;
    if (transaction === undefined) return run(() => reading(context));
    return run((joining) => readJoined(joining, bridge, transaction, reading));
  }
  async function end(): Promise<void> {
    await Promise.allSettled(running);
    await driver.close();
  }

  return {
    specVersion: 1,
    capabilities: { ...capabilities, transactions: true },
    ...(begins
      ? {
          transaction<R>(inside: (transaction: unknown) => Promise<R>) {
            return run(() => begins.call(bridge, inside) as Promise<R>);
          },
        }
      : {}),
    migrate: () => run(() => {}),
    scope: (tenant, mode) => run(() => registry.scope(tenant, mode)),
    scopeOf: (scope) => run(() => registry.scopeOf(scope)),
    remember: (key, proposed) => run(() => registry.remember(key, proposed)),
    commit(work, options) {
      const transaction = options?.transaction as Tx | undefined;
      if (transaction === undefined) return run(() => commit(context, work));
      return run((joining) => commitJoined(joining, bridge, transaction, work));
    },
    load: (reads) => run(() => load(context, reads)),
    claim: (request) => run(() => claim(context, request)),
    beat: (process, ttlMs) => run(() => registry.beat(process, ttlMs)),
    listContacts: (query) => run(() => listContacts(context, query)),
    listNotifications: (query, options) => read(options, (from) => listNotifications(from, query)),
    listMessages: (query, options) => read(options, (from) => listMessages(from, query)),
    listSuppressions: (query) => run(() => listSuppressions(context, query)),
    erase: (contact, limit) => run(() => erase(context, contact, limit)),
    close() {
      closed ??= end();
      return closed;
    },
  };
}
