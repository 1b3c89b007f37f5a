import { DatabaseSync } from 'node:sqlite';
import type { Claim, Store, Work } from '@tidings/core/spec';
import {
  addressHash,
  databases,
  isolatedMariadb,
  isolatedPostgres,
  isolatedSqlite,
  messageUpdate,
  newContact,
  newIdempotency,
  newIdentifier,
  newMessage,
  newNotification,
  newSuppression,
} from '@tidings/testing';
import { describe, expect, it } from 'vitest';
import { mysqlStore, postgresStore, type SqliteHandle, sqliteStore } from '../src/index.ts';

/** Throws `error` in place of the n-th statement from now on, once. */
interface Failing {
  arm(n: number, error: object): void;
  /** Statements since it was armed. */
  readonly sent: number;
}

interface Place {
  readonly store: Store;
  readonly failing: Failing;
  drop(): Promise<void>;
}

function counter(): Failing & { check(): void } {
  let left = Number.POSITIVE_INFINITY;
  let sent = 0;
  let failure: object = {};
  return {
    arm(n, error) {
      left = n;
      sent = 0;
      failure = error;
    },
    get sent() {
      return sent;
    },
    check() {
      sent += 1;
      left -= 1;
      if (left === 0) throw Object.assign(new Error('injected'), failure);
    },
  };
}

const servers: Readonly<Record<'sqlite' | 'postgres' | 'mariadb', () => Promise<Place>>> = {
  async sqlite() {
    const { file, drop } = await isolatedSqlite();
    const real = new DatabaseSync(file, { timeout: 0 });
    const failing = counter();
    const database: SqliteHandle = {
      get isTransaction() {
        return real.isTransaction;
      },
      exec: (sql) => real.exec(sql),
      close: () => real.close(),
      prepare(sql) {
        const statement = real.prepare(sql);
        const checked =
          <Given extends unknown[], R>(call: (...given: Given) => R) =>
          (...given: Given): R => {
            // a rollback is how it recovers
            if (sql !== 'ROLLBACK') failing.check();
            return call(...given);
          };
        return {
          all: checked((...params: never[]) => statement.all(...params)),
          run: checked((...params: never[]) => statement.run(...params)),
          setReadBigInts: (enabled) => statement.setReadBigInts(enabled),
        };
      },
    };
    return {
      store: sqliteStore({ database }),
      failing,
      async drop() {
        real.close();
        await drop();
      },
    };
  },
  async postgres() {
    const { pool, drop } = await isolatedPostgres({ max: 2 });
    const failing = counter();
    const faulty = {
      totalCount: 0,
      async connect() {
        const client = await pool.connect();
        return new Proxy(client, {
          get(target, key) {
            const value: unknown = Reflect.get(target, key, target);
            if (key !== 'query') return typeof value === 'function' ? value.bind(target) : value;
            return async (query: { text: string }) => {
              if (query.text !== 'ROLLBACK') failing.check();
              return target.query(query);
            };
          },
        });
      },
    };
    return { store: postgresStore(faulty), failing, drop };
  },
  async mariadb() {
    const { pool, drop } = await isolatedMariadb({ connectionLimit: 2 });
    const failing = counter();
    const faulty = {
      async getConnection() {
        const connection = await pool.promise().getConnection();
        return new Proxy(connection, {
          get(target, key) {
            const value: unknown = Reflect.get(target, key, target);
            if (key !== 'query' && key !== 'execute') return typeof value === 'function' ? value.bind(target) : value;
            return async (query: { sql: string }) => {
              if (query.sql !== 'ROLLBACK') failing.check();
              return (target[key] as (given: unknown) => Promise<unknown>)(query);
            };
          },
        });
      },
    };
    return { store: mysqlStore(faulty as never), failing, drop };
  },
};

const faults: Readonly<Record<keyof typeof servers, readonly object[]>> = {
  sqlite: [{ code: 'ERR_SQLITE_ERROR', errcode: 5 }],
  postgres: ['40001', '40P01', '55P03'].map((code) => ({ code })),
  mariadb: [1213, 1205].map((errno) => ({ errno, code: 'ER_X', sqlState: '40001' })),
};

const request = { lanes: [{ lane: 'email', limit: 5 }], leaseMs: 60_000 };

/** What is done, on rows of its own, and what must be true afterwards: once, whatever failed on the way. */
interface Deed {
  readonly name: string;
  prepare(store: Store, scope: number): Promise<{ act(): Promise<unknown>; check(): Promise<void> }>;
}

const commit = (store: Store, work: Pick<Work<null>, 'kind'> & { writes: object; reads?: object }): Promise<null> =>
  store.commit({
    kind: work.kind,
    reads: work.reads ?? {},
    decide: () => ({ writes: work.writes as never, result: null }),
  });

const deeds: readonly Deed[] = [
  {
    name: 'accept',
    async prepare(store, scope) {
      const contact = newContact({ scope });
      const identifier = newIdentifier({ scope, contactId: contact.id, value: `${contact.id}@example.com` });
      const run = newNotification({ scope, contactId: contact.id });
      const message = newMessage({ scope, notificationId: run.id, contactId: contact.id });
      const key = newIdempotency({ scope, key: run.id });
      return {
        act: () =>
          commit(store, {
            kind: 'accept',
            reads: { identifiers: [identifier], idempotency: [key] },
            writes: {
              notifications: { insert: [run] },
              messages: { insert: [message] },
              idempotency: [key],
              contacts: { insert: [contact] },
              identifiers: { insert: [identifier] },
            },
          }),
        async check() {
          const facts = await store.load({ notifications: [run], contacts: [contact], idempotency: [key] });
          expect(facts).toMatchObject({
            notifications: [{ id: run.id, version: 1 }],
            messages: [{ id: message.id, epoch: 1 }],
            contacts: [{ row: { version: 1 }, identifiers: [{ value: identifier.value }] }],
            idempotency: [{ key: run.id }],
          });
        },
      };
    },
  },
  {
    name: 'claim',
    async prepare(store, scope) {
      const run = newNotification({ scope });
      const message = newMessage({ scope, notificationId: run.id, lane: `lane ${run.id}` });
      await commit(store, {
        kind: 'accept',
        writes: { notifications: { insert: [run] }, messages: { insert: [message] } },
      });
      let got: Claim | undefined;
      return {
        async act() {
          got = await store.claim({ ...request, lanes: [{ lane: message.lane, limit: 5 }] });
        },
        async check() {
          expect(got?.messages).toMatchObject([{ message: { id: message.id, epoch: 2 }, lapsed: false }]);
          expect((await store.load({ messages: [message] })).messages).toMatchObject([{ epoch: 2 }]);
        },
      };
    },
  },
  {
    name: 'settle',
    async prepare(store, scope) {
      const run = newNotification({ scope });
      const message = newMessage({ scope, notificationId: run.id });
      await commit(store, {
        kind: 'accept',
        writes: { notifications: { insert: [run] }, messages: { insert: [message] } },
      });
      const hash = addressHash('email', message.id);
      const [row] = (await store.load({ messages: [message] })).messages;
      if (!row) throw new Error('The message is not there.');
      const update = messageUpdate(row, { status: 'sent', attempts: 1, dueIn: null, timeline: [{ event: 'sent' }] });
      return {
        act: () =>
          commit(store, {
            kind: 'settle',
            reads: { notifications: [run], lock: true },
            writes: {
              messages: { update: [update] },
              contents: [{ scope, messageId: message.id, content: '{"text":"x"}' }],
              suppressions: { put: [newSuppression({ scope, hash })] },
            },
          }),
        async check() {
          const facts = await store.load({ messages: [message], contents: [message], suppressions: [{ scope, hash }] });
          expect(facts).toMatchObject({
            messages: [{ epoch: 2, attempts: 1, timeline: [{ event: 'queued' }, { event: 'sent' }] }],
            contents: [{ content: '{"text":"x"}' }],
            suppressions: [{ channel: 'email' }],
          });
        },
      };
    },
  },
  {
    name: 'suppress',
    async prepare(store, scope) {
      const row = newSuppression({ scope });
      const hash = addressHash('email', `${Math.random()}`);
      return {
        act: () =>
          commit(store, {
            kind: 'suppressions',
            reads: { suppressions: [{ scope, hash }] },
            writes: { suppressions: { put: [{ ...row, hash }] } },
          }),
        async check() {
          expect((await store.load({ suppressions: [{ scope, hash }] })).suppressions).toHaveLength(1);
        },
      };
    },
  },
];

describe.each(databases(['sqlite', 'postgres', 'mariadb']) as readonly (keyof typeof servers)[])('on %s', (name) => {
  it.each(deeds)(
    '$name is run again whole, whichever statement fails',
    async ({ prepare }) => {
      const { store, failing, drop } = await servers[name]();
      const scope = await store.scope('tenant', 'live');
      for (const error of faults[name]) {
        let n = 1;
        for (; ; n += 1) {
          const deed = await prepare(store, scope);
          failing.arm(n, error);
          await deed.act();
          const { sent } = failing;
          failing.arm(Number.POSITIVE_INFINITY, {});
          await deed.check();
          // it did not come to the n-th
          if (sent < n) break;
        }
        // begin, read, write, commit at least
        expect(n).toBeGreaterThan(3);
      }
      await store.close();
      await drop();
    },
    60_000,
  );
});
