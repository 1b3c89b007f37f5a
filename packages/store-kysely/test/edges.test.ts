import { statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import type { Store, Writes } from '@tidings/core/spec';
import {
  addressHash,
  databases,
  isolatedSqlite,
  newContact,
  newMessage,
  newNotification,
  newSuppression,
} from '@tidings/testing';
import { describe, expect, it } from 'vitest';
import { sqliteStore } from '../src/index.ts';
import { places, type Server } from './subjects.ts';

const put = (store: Store, writes: Writes): Promise<null> =>
  store.commit({ kind: 'accept', reads: {}, decide: () => ({ writes, result: null }) });

describe.each(databases(['sqlite', 'postgres', 'mariadb']) as readonly Server[])('edges on %s', (name) => {
  it('takes a lane named twice for one', async () => {
    const place = await places[name]();
    const store = place.open();
    const scope = await store.scope('tenant', 'live');
    const runs = Array.from({ length: 5 }, () => newNotification({ scope }));
    const messages = runs.map(({ id }) => newMessage({ scope, notificationId: id, lane: 'twice' }));
    await put(store, { notifications: { insert: runs }, messages: { insert: messages } });
    const lanes = [2, 1].map((limit) => ({ lane: 'twice', limit }));
    expect((await store.claim({ lanes, leaseMs: 60_000 })).messages).toHaveLength(3);
    await store.close();
    await place.drop();
  });

  it('searches for whatever is typed, up to the longest name', async () => {
    const place = await places[name]();
    const store = place.open();
    const scope = await store.scope('tenant', 'live');
    const names = ['x'.repeat(255), `${'å'.repeat(127)}z`, `a\u{10fffe}b`];
    await put(store, { contacts: { insert: names.map((one) => newContact({ scope, name: one })) } });
    const search = async (text: string): Promise<(string | null)[]> =>
      (await store.listContacts({ scope, limit: 10, search: text })).items.map(({ row }) => row.name);
    for (const length of [1, 250, 251, 252, 253, 254, 255]) {
      expect(await search('X'.repeat(length))).toEqual([names[0]]);
    }
    for (const length of [124, 125, 126, 127]) expect(await search('å'.repeat(length))).toEqual([names[1]]);
    expect(await search(`a\u{10fffe}`)).toEqual([names[2]]);
    for (const nothing of ['x'.repeat(256), 'x\0', '\ud83d', `${'x'.repeat(254)}y`, 'a%', 'a_']) {
      expect(await search(nothing)).toEqual([]);
    }
    await store.close();
    await place.drop();
  });

  it('finds open messages by a hash in any form of bytes', async () => {
    const place = await places[name]();
    const store = place.open();
    const scope = await store.scope('tenant', 'live');
    const run = newNotification({ scope });
    const hash = new Uint8Array(addressHash('email', 'a@example.com'));
    await put(store, {
      notifications: { insert: [run] },
      messages: { insert: [newMessage({ scope, notificationId: run.id, addressHash: hash })] },
    });
    const larger = new Uint8Array(64);
    larger.set(hash, 16);
    for (const openTo of [hash, Buffer.from(hash), larger.subarray(16, 48)]) {
      expect((await store.listMessages({ scope, limit: 5, openTo })).items).toHaveLength(1);
    }
    await store.close();
    await place.drop();
  });

  it('refuses a number that does not fit, and writes nothing', async () => {
    const place = await places[name]();
    const store = place.open();
    const scope = await store.scope('tenant', 'live');
    const run = newNotification({ scope, openSteps: 2 ** 31 });
    await expect(put(store, { notifications: { insert: [run] } })).rejects.toMatchObject({ code: 'STORE_REFUSED' });
    expect((await store.load({ notifications: [run] })).notifications).toEqual([]);
    await store.close();
    await place.drop();
  });
});

describe.runIf(databases(['sqlite']).length > 0)('sqlite', () => {
  it('keeps two stores on one file apart', async () => {
    const { file, drop } = await isolatedSqlite();
    const stores = [sqliteStore(file), sqliteStore(file)] as const;
    const scopes = await Promise.all(stores.map((store) => store.scope('tenant', 'live')));
    expect(scopes[0]).toBe(scopes[1]);
    const scope = scopes[0] as number;
    const contact = newContact({ scope, data: '0' });
    await put(stores[0], { contacts: { insert: [contact] } });
    const add = (store: Store): Promise<null> =>
      store.commit({
        kind: 'contacts',
        reads: { contacts: [contact] },
        decide: ({ contacts }) => ({
          writes: {
            contacts: {
              update: contacts.map(({ row }) => ({ ...row, data: String(Number(row.data) + 1) })),
            },
          },
          result: null,
        }),
      });
    await Promise.all(Array.from({ length: 100 }, (_, index) => add(stores[index % 2 ? 0 : 1])));
    const { contacts } = await stores[1].load({ contacts: [contact] });
    expect(contacts[0]?.row).toMatchObject({ data: '100', version: 101 });
    for (const store of stores) await store.close();
    await drop();
  });

  it('gives up what waits when it is closed', async () => {
    const database = new DatabaseSync(':memory:');
    const store = sqliteStore({ database });
    const scope = await store.scope('tenant', 'live');
    database.exec('BEGIN');
    const commit = put(store, { contacts: { insert: [newContact({ scope })] } });
    const failed = expect(commit).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    await store.close();
    await failed;
    await store.close();
    expect(database.isTransaction).toBe(true);
    database.close();
  });

  it("leaves a host's handle as it was after an erasure", async () => {
    const { file, drop } = await isolatedSqlite();
    for (const setting of [0, 1, 2]) {
      const database = new DatabaseSync(file);
      database.exec(`PRAGMA journal_mode = WAL; PRAGMA secure_delete = ${['OFF', 'ON', 'FAST'][setting]}`);
      const store = sqliteStore({ database });
      const scope = await store.scope('tenant', 'live');
      const contact = newContact({ scope });
      await put(store, { contacts: { insert: [contact] } });
      expect(await store.erase(contact, 1)).toEqual({ done: true });
      expect(database.prepare('PRAGMA secure_delete').get()).toEqual({ secure_delete: setting });
      await store.close();
      database.close();
    }
    await drop();
  });

  it('has erased nobody while a copy may stand in the log', async () => {
    const { file, drop } = await isolatedSqlite();
    const store = sqliteStore(file, { busyBudgetMs: 100 });
    const scope = await store.scope('tenant', 'live');
    const contact = newContact({ scope, data: '{"name":"Jane"}' });
    const suppression = newSuppression({ scope, hash: addressHash('email', 'jane') });
    await put(store, { contacts: { insert: [contact] }, suppressions: { put: [suppression] } });
    const reader = new DatabaseSync(file);
    reader.exec('BEGIN; SELECT count(*) FROM tidings_contacts');
    await expect(store.erase(contact, 100)).rejects.toMatchObject({ code: 'STORE_BUSY', retryable: true });
    reader.exec('COMMIT');
    expect(await store.erase(contact, 100)).toEqual({ done: true });
    expect(statSync(`${file}-wal`).size).toBe(0);
    reader.close();
    await store.close();
    await drop();
  });
});
