import { type Store, type StoreCapabilities, TidingsError } from '@tidings/core/spec';
import { claim } from './claim.ts';
import { commit, load } from './commit.ts';
import { createContext } from './context.ts';
import type { Dialect } from './dialects/dialect.ts';
import { erase } from './erase.ts';
import { listContacts, listMessages, listNotifications, listSuppressions } from './lists.ts';
import { migrate } from './migrations.ts';
import type { CheckedOptions } from './options.ts';
import { prune } from './prune.ts';
import { createRegistry } from './registry.ts';
import { renew } from './renew.ts';
import { closedStore } from './rerun.ts';
import type { Driver } from './statement.ts';

/** A store from a dialect and a driver. The tables are looked after at its first use. */
export function createStore(
  dialect: Dialect,
  driver: Driver,
  capabilities: StoreCapabilities,
  options: CheckedOptions,
): Store {
  const context = createContext(dialect, driver, { ...options, isClosed: () => closed !== null });
  const registry = createRegistry(context);
  let migrated: Promise<void> | null = null;
  let closed: Promise<void> | null = null;

  function ready(): Promise<void> {
    migrated ??= migrate(context).catch((error: unknown) => {
      migrated = null;
      throw error;
    });
    return migrated;
  }

  const running = new Set<Promise<unknown>>();

  async function run<R>(operation: () => R | Promise<R>): Promise<R> {
    const result = begin(operation);
    running.add(result);
    try {
      return await result;
    } finally {
      running.delete(result);
    }
  }
  async function begin<R>(operation: () => R | Promise<R>): Promise<R> {
    if (closed) throw closedStore();
    await ready();
    if (closed) throw closedStore();
    return operation();
  }
  async function end(): Promise<void> {
    await Promise.allSettled(running);
    await driver.close();
  }

  return {
    specVersion: 1,
    capabilities,
    migrate: () => run(() => {}),
    scope: (tenant, mode) => run(() => registry.scope(tenant, mode)),
    scopeOf: (scope) => run(() => registry.scopeOf(scope)),
    remember: (key, proposed) => run(() => registry.remember(key, proposed)),
    async commit(work, { transaction } = {}) {
      if (transaction !== undefined) {
        throw new TidingsError('NOT_SUPPORTED', 'This store does not join a transaction; leave `transaction` out.');
      }
      return run(() => commit(context, work));
    },
    load: (reads) => run(() => load(context, reads)),
    claim: (request) => run(() => claim(context, request)),
    renew: (leases, leaseMs) => run(() => renew(context, leases, leaseMs)),
    beat: (process, ttlMs) => run(() => registry.beat(process, ttlMs)),
    listContacts: (query) => run(() => listContacts(context, query)),
    listNotifications: (query) => run(() => listNotifications(context, query)),
    listMessages: (query) => run(() => listMessages(context, query)),
    listSuppressions: (query) => run(() => listSuppressions(context, query)),
    erase: (contact, limit) => run(() => erase(context, contact, limit)),
    prune: (request) => run(() => prune(context, request)),
    close() {
      closed ??= end();
      return closed;
    },
  };
}
