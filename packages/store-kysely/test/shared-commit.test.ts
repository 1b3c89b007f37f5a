import { DatabaseSync } from 'node:sqlite';
import type { Store, Writes } from '@tidings/core/spec';
import { isolatedSqlite, newContact } from '@tidings/testing';
import { describe, expect, it } from 'vitest';
import { sqliteStore } from '../src/index.ts';

interface Place {
  readonly store: Store<never>;
  /** What ended or undid something, in order. */
  readonly ends: string[];
  readonly scope: number;
  names(): readonly unknown[];
  close(): Promise<void>;
}

async function open(): Promise<Place> {
  const { file, drop } = await isolatedSqlite();
  const ends: string[] = [];
  const store = sqliteStore(file, {
    observe: ({ text }) => {
      if (/^(COMMIT|ROLLBACK|RELEASE|SAVEPOINT)/.test(text)) ends.push(text.replace(' tidings_work', ''));
    },
  });
  const scope = await store.scope('tenant', 'live');
  ends.length = 0;
  return {
    store,
    ends,
    scope,
    names() {
      const database = new DatabaseSync(file);
      const rows = database.prepare('SELECT name FROM tidings_contacts ORDER BY name').all();
      database.close();
      return rows.map(({ name }) => name);
    },
    async close() {
      await store.close();
      await drop();
    },
  };
}

const write = (store: Store<never>, writes: () => Writes): Promise<string> =>
  store.commit({ kind: 'contacts', reads: {}, attempts: 1, decide: () => ({ writes: writes(), result: 'written' }) });

describe('commits of SQLite that are asked for in one turn', () => {
  it('share one', async () => {
    const { store, ends, scope, names, close } = await open();
    const add = (name: string): Promise<string> =>
      write(store, () => ({ contacts: { insert: [newContact({ scope, name })] } }));
    expect(await Promise.all([add('a'), add('b'), add('c')])).toEqual(['written', 'written', 'written']);
    expect(ends.filter((text) => text === 'COMMIT')).toHaveLength(1);
    expect(names()).toEqual(['a', 'b', 'c']);
    await close();
  });

  it('undo what fails by itself, and only that', async () => {
    const { store, ends, scope, names, close } = await open();
    const contact = newContact({ scope, name: 'b' });
    const results = await Promise.allSettled([
      write(store, () => ({ contacts: { insert: [newContact({ scope, name: 'a' })] } })),
      // its first half is written when its guard fails
      write(store, () => ({ contacts: { insert: [contact], update: [{ ...contact, version: 7 }] } })),
      write(store, () => {
        throw new Error('decided against');
      }),
      write(store, () => ({ contacts: { insert: [newContact({ scope, name: 'd' })] } })),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled']);
    expect(results[1]).toMatchObject({ reason: { code: 'STORE_CONFLICT' } });
    expect(results[2]).toMatchObject({ reason: { message: 'decided against' } });
    expect(ends.filter((text) => text === 'ROLLBACK TO')).toHaveLength(2);
    expect(ends.at(-1)).toBe('COMMIT');
    expect(names()).toEqual(['a', 'd']);
    await close();
  });

  it('see what those before them wrote', async () => {
    const { store, scope, close } = await open();
    const contact = newContact({ scope, name: 'first' });
    const [, second] = await Promise.all([
      write(store, () => ({ contacts: { insert: [contact] } })),
      store.commit({
        kind: 'contacts',
        reads: { contacts: [{ scope, id: contact.id }] },
        decide: (facts) => ({ writes: {}, result: facts.contacts.map(({ row }) => row.name) }),
      }),
    ]);
    expect(second).toEqual(['first']);
    await close();
  });
});
