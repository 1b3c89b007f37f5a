import type { Store } from '@tidings/core/spec';
import {
  type DatabaseName,
  fakeClock,
  isolatedMariadb,
  isolatedPostgres,
  isolatedSqlite,
  type StoreSubject,
} from '@tidings/testing';
import { mysqlStore, postgresStore, type StoreOptions, sqliteStore } from '../src/index.ts';

/** The databases this package is tested on. */
export type Server = Exclude<DatabaseName, 'memory' | 'redis'>;

/** A place for a store, empty at first. */
export interface Place {
  open(options?: StoreOptions): Store;
  drop(): Promise<void>;
}

/** Empty places that share nothing with other tests. */
export const places: Readonly<Record<Server, () => Promise<Place>>> = {
  async sqlite() {
    const { file, drop } = await isolatedSqlite();
    return { open: (options) => sqliteStore(file, options), drop };
  },
  async postgres() {
    const { pool, drop } = await isolatedPostgres({ max: 6 });
    return { open: (options) => postgresStore(pool, options), drop };
  },
  async mariadb() {
    const { pool, drop } = await isolatedMariadb({ connectionLimit: 6 });
    return { open: (options) => mysqlStore(pool, options), drop };
  },
};

/** A store on trial in that place, its clock injected. */
export async function subjectAt(place: Place, options: StoreOptions = {}): Promise<StoreSubject> {
  const clock = fakeClock();
  const open = (): Store => place.open({ ...options, now: clock.now });
  let store = open();
  return {
    get store() {
      return store;
    },
    advance: (ms) => clock.advance(ms),
    async reopen() {
      await store.close();
      store = open();
      return store;
    },
    async close() {
      await store.close();
      await place.drop();
    },
  };
}
