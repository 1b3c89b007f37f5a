import { readFile } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { captureAdapter, createEngine, defineEvent, type Store, silentLogger } from '@tidings/core';
import { databases, isolatedMariadb, isolatedPostgres, isolatedSqlite } from '@tidings/testing';
import { describe, expect, it } from 'vitest';
import { mysqlStore, postgresStore, sqliteStore } from '../src/index.ts';
import { allTables } from '../src/tables.ts';
import { transactionPlaces } from './transaction-places.ts';

/** A database, and everything in its tables. */
const servers = {
  async sqlite() {
    const { file, drop } = await isolatedSqlite();
    const dump = async (): Promise<readonly unknown[]> => {
      const database = new DatabaseSync(file, { readOnly: true });
      const rows = allTables.flatMap(({ name }) => database.prepare(`SELECT * FROM tidings_${name}`).all());
      database.close();
      const files = await Promise.all([file, `${file}-wal`].map((path) => readFile(path).catch(() => Buffer.alloc(0))));
      return [...rows, ...files];
    };
    return { store: sqliteStore(file) as Store, dump, drop };
  },
  async postgres() {
    const { pool, drop } = await isolatedPostgres();
    const dump = async (): Promise<readonly unknown[]> => {
      const rows = [];
      for (const { name } of allTables) rows.push(...(await pool.query(`SELECT * FROM tidings_${name}`)).rows);
      return rows;
    };
    return { store: postgresStore(pool) as Store, dump, drop };
  },
  async mariadb() {
    const { pool, drop } = await isolatedMariadb();
    const dump = async (): Promise<readonly unknown[]> => {
      const rows = [];
      for (const { name } of allTables) {
        const [found] = await pool.promise().query(`SELECT * FROM tidings_${name}`);
        rows.push(...(found as readonly unknown[]));
      }
      return rows;
    };
    return { store: mysqlStore(pool) as Store, dump, drop };
  },
};

/** All values as one text, bytes read as letters. */
function textOf(rows: readonly unknown[]): string {
  return rows
    .flatMap((row) => (row instanceof Uint8Array ? [row] : Object.values(row as object)))
    .map((value) => (value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : String(value)))
    .join('\n');
}

const person = {
  externalId: 'canary-id',
  email: 'Canary-Mail@example.com',
  phone: '+46701234567',
  name: 'canary-name',
  firstName: 'canary-first',
  lastName: 'canary-last',
  username: 'canary-user',
  avatar: 'https://example.com/canary-avatar.png',
  slack: 'U0CANARY1',
  telegram: '4242424242',
  discord: '123456789012345678',
  pushToken: 'canary-token',
  meta: { plan: 'canary-meta' },
};
const canaries = /canary|\+46701234567|U0CANARY1|4242424242|123456789012345678/i;

const anything = { '~standard': { version: 1, vendor: 'test', validate: (value: unknown) => ({ value }) } } as const;
const event = defineEvent({
  payload: anything,
  templates: { email: { en: { subject: 'For {{contact.name}}', text: '{{secret}}' } } },
});

describe.each(databases(['sqlite', 'postgres', 'mariadb']) as readonly (keyof typeof servers)[])(
  'after an erasure on %s',
  (name) => {
    it('no table holds a word of the person, and the suppression stands', async () => {
      const { store, dump, drop } = await servers[name]();
      const email = captureAdapter({ name: 'mailer', channel: 'email' });
      const engine = createEngine({
        store,
        adapters: [email],
        events: { event },
        senders: [{ channel: 'email', address: 'hello@example.com' }],
        log: silentLogger,
      });
      const send = (to: object | string, more: object = {}): Promise<unknown> =>
        engine.send('event', { to, payload: { secret: 'canary-payload' }, ...more } as never);
      await send(
        { ...person, email: 'canary-former@example.com' },
        {
          overrides: {
            email: { subject: 'canary-subject', cc: 'canary-copy@example.com' },
            brand: { by: 'canary-brand' },
          },
          idempotencyKey: 'one',
        },
      );
      await engine.idle();
      email.fail({ outcome: 'rejected', code: '550', reason: 'canary-mail@example.com, Canary-Name: no such user' });
      await send(person, { idempotencyKey: 'two' });
      await engine.idle();
      email.fail(({ to }) => ({
        outcome: 'retry',
        reason: to.startsWith('other') ? 'busy' : 'try again, canary-name',
      }));
      await send(person.externalId);
      await engine.broadcast('event', [person.email, 'other@example.com'], {
        id: 'news',
        payload: { secret: 'none' },
      } as never);
      await engine.idle();
      await engine.suppressions.add({ address: 'canary-former@example.com', note: 'canary-note' });
      await engine.suppressions.add({ address: person.phone, channel: 'sms', note: 'canary-note' });
      await engine.suppressions.add({ address: person.email, reason: 'unsubscribed', note: 'canary-note' });
      expect(textOf(await dump())).toMatch(canaries);

      await engine.contacts.delete(person.externalId);
      expect(canaries.exec(textOf(await dump()))).toBeNull();
      for (const address of [person.email, person.phone, 'canary-former@example.com']) {
        expect(await engine.suppressions.check({ address })).toMatchObject([{ address: null, note: null }]);
      }
      const again = await engine.send('event', { to: person.email, payload: {} });
      expect(again.deliveries).toMatchObject([{ status: 'suppressed', reason: 'unsubscribed' }]);
      await engine.stop();
      await drop();
    }, 60_000);
  },
);

// SQLite has one writer: nothing can be erased while a transaction is open.
const beside = (
  [
    ['pg', 'postgres'],
    ['mysql2 with promises', 'mariadb'],
  ] as const
).filter(([, on]) => databases([on]).length > 0);

describe.each(beside)('after an erasure beside an open transaction of %s', (name) => {
  it('nobody is called for what it sent, and no table holds a word of the person', async () => {
    const place = await transactionPlaces[name]?.open();
    if (!place) throw new Error(`There is no place ${name}.`);
    const email = captureAdapter({ name: 'mailer', channel: 'email' });
    const engine = createEngine({
      store: place.store,
      adapters: [email],
      events: { event },
      autoStart: false,
      senders: [{ channel: 'email', address: 'hello@example.com' }],
      log: silentLogger,
    });
    const stopped: unknown[] = [];
    engine.on('message.cancelled', ({ id }) => stopped.push(id));
    const dump = async (): Promise<string> => {
      const rows = [];
      for (const { name: table } of allTables) rows.push(...(await place.query(`SELECT * FROM tidings_${table}`)));
      return textOf(rows);
    };
    await engine.contacts.upsert(person);
    await engine.contacts.upsert({ email: 'other@example.com' });
    const host = await place.begin();
    const send = (to: unknown): Promise<{ readonly id: string }> =>
      engine.send('event', {
        ...{ to, payload: { secret: 'canary-payload' }, idempotencyKey: `canary-free ${JSON.stringify(to).length}` },
        ...{ overrides: { email: { subject: 'canary-subject' } }, transaction: host.transaction },
      } as never) as never;
    const sent = [await send(person.externalId), await send(person.email)];
    await engine.send('event', {
      ...{ to: 'other@example.com', payload: { secret: 'news' }, transaction: host.transaction },
    } as never);
    await engine.contacts.delete(person.externalId);
    await host.commit();
    expect(await dump()).toMatch(canaries);

    await engine.drain();
    expect(email.messages.map(({ to }) => to)).toEqual(['other@example.com']);
    expect(canaries.exec((await dump()).replaceAll('canary-free', ''))).toBeNull();
    const { items } = await engine.messages.list();
    expect(items.map(({ status }) => status).sort()).toEqual(['cancelled', 'cancelled', 'sent']);
    expect(stopped).toHaveLength(2);
    expect((await dump()).split('contact erased')).toHaveLength(3);
    for (const { id } of sent) expect(await engine.notifications.get(id)).toMatchObject({ status: 'stopped' });
    await engine.stop();
    await place.drop();
  }, 60_000);
});
