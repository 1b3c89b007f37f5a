import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { memoryStore } from '@tidings/core';
import type { Store } from '@tidings/core/spec';
import { sqliteStore } from '@tidings/store-kysely';

/** The stores that are simulated. */
export const storeKinds = ['memory', 'sqlite'] as const;

/** A store that is simulated. */
export type StoreKind = (typeof storeKinds)[number];

/** An empty store for one run. */
export interface RunStore {
  readonly store: Store;
  /** Removes it. */
  close(): Promise<void>;
}

/** Makes empty stores of one kind: what has to be migrated is migrated once and copied. */
export interface StoreMaker {
  make(now: () => number): RunStore;
  close(): void;
}

/** A maker of stores; close it when no more are wanted. */
export async function storeMaker(kind: StoreKind): Promise<StoreMaker> {
  if (kind === 'memory') {
    return { make: (now) => ({ store: memoryStore({ now }), close: async () => {} }), close() {} };
  }
  const folder = mkdtempSync(join(tmpdir(), 'tidings-simulation-'));
  const template = join(folder, 'template.db');
  const first = sqliteStore(template);
  await first.migrate();
  await first.close();
  let count = 0;
  return {
    make(now) {
      count += 1;
      const file = join(folder, `${count}.db`);
      copyFileSync(template, file);
      const database = new DatabaseSync(file);
      // A process that ends here takes no memory with it: nothing need reach the disk.
      database.exec('PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF');
      const store = sqliteStore({ database }, { now });
      return {
        store,
        async close() {
          await store.close();
          database.close();
          rmSync(file);
        },
      };
    },
    close: () => rmSync(folder, { recursive: true }),
  };
}
