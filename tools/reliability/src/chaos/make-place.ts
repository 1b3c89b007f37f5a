import { join } from 'node:path';
import { isolatedMariadb, isolatedPostgres } from '@tidings/testing';
import type { Place, StoreKind } from './settings.ts';

/** A database of a run's own. */
export interface MadePlace {
  readonly place: Place;
  drop(): Promise<void>;
}

/** Makes a place that shares nothing with other runs: a file, or a schema or database on the server of the tests. */
export async function makePlace(store: StoreKind, folder: string): Promise<MadePlace> {
  if (store === 'sqlite') return { place: { store, url: join(folder, 'tidings.db') }, drop: async () => {} };
  const made = store === 'postgres' ? await isolatedPostgres() : await isolatedMariadb();
  return { place: { store, url: made.url }, drop: made.drop };
}
