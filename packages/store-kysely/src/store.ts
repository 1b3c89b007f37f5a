import { type Store, type StoreCapabilities, TidingsError } from '@tidings/core/spec';
import { claim } from './claim.ts';
import { commit, load } from './commit.ts';
import { createContext } from './context.ts';
import type { Dialect } from './dialects/dialect.ts';
import { erase } from './erase.ts';
import { listContacts, listMessages, listNotifications, listSuppressions } from './lists.ts';
import { migrate } from './migrations.ts';
import type { CheckedOptions } from './options.ts';
import { createRegistry } from './registry.ts';
import type { Driver } from './statement.ts';

/** A store from a dialect and a driver. The tables are looked after at its first use. */
export function createStore(
  dialect: Dialect,
  driver: Driver,
  capabilities: StoreCapabilities,
  options: CheckedOptions,
): Store {
  const context = createContext(dialect, driver, options);
  const registry = createRegistry(context);
  let migrated: Promise<void> | null = null;
  let closed: Promise<void> | null = null;

  function ready(): Promise<void> {
    if (closed) {
      const error = new TidingsError('STORE_UNAVAILABLE', 'The store is closed; make a new one to go on.');
      return Promise.reject(error);
    }
    migrated ??= migrate(context).catch((error: unknown) => {
      migrated = null;
      throw error;
    });
    return migrated;
  }

  return {
    specVersion: 1,
    capabilities,
    migrate: () => ready(),
    async scope(tenant, mode) {
      await ready();
      return registry.scope(tenant, mode);
    },
    async scopeOf(scope) {
      await ready();
      return registry.scopeOf(scope);
    },
    async remember(key, proposed) {
      await ready();
      return registry.remember(key, proposed);
    },
    async commit(work, { transaction } = {}) {
      if (transaction !== undefined) {
        throw new TidingsError('NOT_SUPPORTED', 'This store does not join a transaction; leave `transaction` out.');
      }
      await ready();
      return commit(context, work);
    },
    async load(reads) {
      await ready();
      return load(context, reads);
    },
    async claim(request) {
      await ready();
      return claim(context, request);
    },
    async beat(process, ttlMs) {
      await ready();
      return registry.beat(process, ttlMs);
    },
    async listContacts(query) {
      await ready();
      return listContacts(context, query);
    },
    async listNotifications(query) {
      await ready();
      return listNotifications(context, query);
    },
    async listMessages(query) {
      await ready();
      return listMessages(context, query);
    },
    async listSuppressions(query) {
      await ready();
      return listSuppressions(context, query);
    },
    async erase(contact, limit) {
      await ready();
      return erase(context, contact, limit);
    },
    close() {
      closed ??= driver.close();
      return closed;
    },
  };
}
