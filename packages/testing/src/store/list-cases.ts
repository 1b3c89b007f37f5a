import type { Page, PageQuery, ScopeId, Store } from '@tidings/core/spec';
import { expect } from 'vitest';
import { type ContractCase, rejectsWith } from '../contract-case.ts';
import {
  addressHash,
  newContact,
  newIdentifier,
  newSuppression,
  putContact,
  putMessage,
  putMessages,
  write,
} from './rows.ts';
import type { StoreTrial } from './store-trial.ts';

type List<Row> = (query: PageQuery) => Promise<Page<Row>>;

/** All pages, one after the other; `between` runs after each. */
async function walk<Row>(list: List<Row>, query: PageQuery, between?: () => Promise<unknown>): Promise<Row[]> {
  const rows: Row[] = [];
  let cursor: string | null | undefined;
  do {
    const page: Page<Row> = await list(cursor ? { ...query, cursor } : query);
    expect(page.items.length).toBeLessThanOrEqual(query.limit);
    rows.push(...page.items);
    cursor = page.cursor;
    await between?.();
  } while (cursor !== null);
  return rows;
}

const contactIds = (store: Store, scope: ScopeId, search: string): Promise<string[]> =>
  store.listContacts({ scope, limit: 50, search }).then(({ items }) => items.map(({ row }) => row.id).sort());

/** Lists and their pages. */
export const listCases: readonly ContractCase<StoreTrial>[] = [
  {
    name: 'lists-newest-first',
    needs: ['advance'],
    async run({ store, scope, advance }) {
      const contacts: string[] = [];
      const messages: string[] = [];
      const runs: string[] = [];
      for (let index = 0; index < 5; index += 1) {
        contacts.unshift((await putContact(store, scope, 'externalId', `${index}`)).id);
        const message = await putMessage(store, scope);
        messages.unshift(message.id);
        runs.unshift(message.notificationId);
        await advance(10);
      }
      const query = { scope, limit: 2 };
      expect((await walk((page) => store.listContacts(page), query)).map(({ row }) => row.id)).toEqual(contacts);
      expect((await walk((page) => store.listMessages(page), query)).map(({ id }) => id)).toEqual(messages);
      expect((await walk((page) => store.listNotifications(page), query)).map(({ id }) => id)).toEqual(runs);
    },
  },
  {
    name: 'S35 cursor-stable-under-inserts',
    async run({ store, scope }) {
      const put = await putMessages(
        store,
        scope,
        Array.from({ length: 25 }, () => ({})),
      );
      const seen = await walk(
        (page) => store.listMessages(page),
        { scope, limit: 4 },
        () => putMessage(store, scope),
      );
      const ids = seen.map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
      expect(ids).toEqual(expect.arrayContaining(put.map(({ id }) => id)));
    },
  },
  {
    name: 'suppressions-by-hash',
    async run({ store, scope }) {
      const put = Array.from({ length: 9 }, (_, index) =>
        newSuppression({ scope, hash: addressHash('email', `${index}`) }),
      );
      const more = put.slice(0, 3).map((row) => ({ ...row, channel: 'sms', reason: 'unsubscribed' as const }));
      await write(store, { suppressions: { put: [...put, ...more] } });
      const list: List<{ hash: Uint8Array; channel: string }> = (page) => store.listSuppressions(page);
      const rows = await walk(list, { scope, limit: 2 }, async () => {
        await write(store, { suppressions: { put: [newSuppression({ scope, hash: new Uint8Array(32) })] } });
      });
      const keys = rows.map(({ hash, channel }) => `${Buffer.from(hash).toString('hex')} ${channel}`);
      expect(keys).toHaveLength(12);
      expect(keys.map((key) => key.slice(0, 64))).toEqual(keys.map((key) => key.slice(0, 64)).sort());
      expect(new Set(keys).size).toBe(12);
      expect((await store.listSuppressions({ scope, limit: 50, channel: 'sms' })).items).toHaveLength(3);
      expect((await store.listSuppressions({ scope, limit: 50, reason: 'bounced' })).items).toHaveLength(10);
      expect((await store.listSuppressions({ scope, limit: 50, reason: 'bounced', channel: 'sms' })).items).toEqual([]);
    },
  },
  {
    name: 'lists-filtered',
    async run({ store, scope }) {
      const { id: contactId } = await putContact(store, scope, 'email', 'a@example.com');
      await putMessage(
        store,
        scope,
        { contactId, event: 'welcome', channel: 'email' },
        { contactId, event: 'welcome' },
      );
      await putMessage(
        store,
        scope,
        { contactId, event: 'goodbye', channel: 'sms', status: 'failed', dueIn: null },
        { contactId, event: 'goodbye', status: 'failed' },
      );
      await putMessage(store, scope, { event: 'goodbye', channel: 'email' }, { event: 'goodbye' });
      const messages = async (query: object): Promise<number> =>
        (await store.listMessages({ scope, limit: 9, ...query })).items.length;
      expect(
        await Promise.all([messages({ event: 'goodbye' }), messages({ channel: 'email' }), messages({ contactId })]),
      ).toEqual([2, 2, 2]);
      expect(await messages({ status: ['queued', 'failed'] })).toBe(3);
      expect(await messages({ status: ['failed'], contactId, channel: 'sms', event: 'goodbye' })).toBe(1);
      expect(await messages({ event: 'Goodbye' })).toBe(0);
      const runs = async (query: object): Promise<number> =>
        (await store.listNotifications({ scope, limit: 9, ...query })).items.length;
      expect(
        await Promise.all([runs({ event: 'goodbye' }), runs({ status: ['running'] }), runs({ contactId })]),
      ).toEqual([2, 2, 2]);
      expect(await runs({ status: ['failed'], contactId, event: 'goodbye' })).toBe(1);
    },
  },
  {
    name: 'contacts-searched-by-prefix',
    async run({ store, scope }) {
      const put = async (kind: string, value: string, name: string | null): Promise<string> =>
        (await putContact(store, scope, kind, value, { name })).id;
      const ann = await put('email', 'ann@example.com', 'ann larsson');
      const anna = await put('email', 'anna_1@example.com', null);
      const phone = await put('phone', '+46701234567', 'örjan 100%');
      const twice = newContact({ scope, name: 'anna svensson' });
      const emails = ['anna@example.com', 'anna@example.org'].map((value) =>
        newIdentifier({ scope, value, contactId: twice.id }),
      );
      await write(store, { contacts: { insert: [twice] }, identifiers: { insert: emails } });
      await put('externalId', 'ann-external', null);
      expect(await contactIds(store, scope, 'ann')).toEqual([ann, anna, twice.id].sort());
      expect(await contactIds(store, scope, 'anna')).toEqual([anna, twice.id].sort());
      expect(await contactIds(store, scope, 'anna_')).toEqual([anna]);
      expect(await contactIds(store, scope, '+4670')).toEqual([phone]);
      expect(await contactIds(store, scope, 'örjan')).toEqual([phone]);
      expect(await contactIds(store, scope, 'orjan')).toEqual([]);
      expect(await contactIds(store, scope, 'örjan 100%')).toEqual([phone]);
      for (const nothing of ['%', '_', 'larsson', "ann'; --", '\\'])
        expect(await contactIds(store, scope, nothing)).toEqual([]);
    },
  },
  {
    name: 'lists-count-and-skip',
    async run({ store, scope }) {
      await putMessages(
        store,
        scope,
        Array.from({ length: 12 }, () => ({})),
      );
      const all = (await store.listMessages({ scope, limit: 50, total: true })).items.map(({ id }) => id);
      const page = await store.listMessages({ scope, limit: 5, offset: 5, total: true });
      expect(page.items.map(({ id }) => id)).toEqual(all.slice(5, 10));
      expect([page.total, page.totalCapped ?? false]).toEqual([12, false]);
      expect((await store.listMessages({ scope, limit: 5 })).total).toBeUndefined();
      const last = await store.listMessages({ scope, limit: 5, cursor: page.cursor ?? expect.fail('no cursor') });
      expect([last.items.map(({ id }) => id), last.cursor]).toEqual([all.slice(10), null]);
      expect((await store.listMessages({ scope, limit: 12 })).cursor).toBeNull();
      expect(await store.listNotifications({ scope, limit: 5, offset: 100 })).toMatchObject({
        items: [],
        cursor: null,
      });
      const runs = await store.listNotifications({ scope, limit: 1, total: true });
      const contacts = await store.listContacts({ scope, limit: 1, total: true });
      const suppressions = await store.listSuppressions({ scope, limit: 1, total: true });
      expect([runs.total, contacts.total, suppressions.total]).toEqual([12, 0, 0]);
    },
  },
  {
    name: 'list-counts-stop-at-10,000',
    async run({ store, scope }) {
      for (let batch = 0; batch < 11; batch += 1) {
        const contacts = Array.from({ length: batch < 10 ? 1_000 : 1 }, () => newContact({ scope }));
        if (batch === 10) {
          expect(await store.listContacts({ scope, limit: 1, total: true })).toMatchObject({ total: 10_000 });
          expect((await store.listContacts({ scope, limit: 1, total: true })).totalCapped ?? false).toBe(false);
        }
        await write(store, { contacts: { insert: contacts } });
      }
      expect(await store.listContacts({ scope, limit: 1, total: true })).toMatchObject({
        total: 10_000,
        totalCapped: true,
      });
    },
  },
  {
    name: 'lists-refuse-what-they-cannot-page',
    async run({ store, scope }) {
      for (const query of [
        { limit: 0 },
        { limit: 501 },
        { limit: 1.5 },
        { limit: 5, offset: -1 },
        { limit: 5, offset: 10_001 },
      ]) {
        await rejectsWith('VALIDATION_ERROR', store.listMessages({ scope, ...query }));
      }
      for (const cursor of ['', 'not a cursor', '%', 'e30', 'W10']) {
        const error = await rejectsWith('VALIDATION_ERROR', store.listContacts({ scope, limit: 5, cursor }));
        expect(error.path).toBe('cursor');
      }
    },
  },
];
