import { setTimeout as pause } from 'node:timers/promises';
import {
  contactUpdate,
  fakeClock,
  newContact,
  type StoreSubject,
  storeCases,
  testStore,
  tryOn,
} from '@tidings/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { heldOpen, type Library } from './library.ts';
import { servers } from './servers.ts';
import { testLibraryEngine } from './test-library-engine.ts';

/** As for the cases of the contract: others load the machine too. */
const timeout = 60_000;

type LibraryFactory = () => Promise<Library>;

/**
 * Tests what joins the transactions of a library, on every server it is tried on: the cases of the contract, and an engine
 * from end to end.
 */
export function testLibrary(
  // biome-ignore lint/suspicious/noExplicitAny: transactions of all kinds
  libraries: Readonly<Record<'postgres' | 'mariadb', () => Promise<Library<any>>>>,
  { contract }: { readonly contract: 'whole' | 'transactions' },
): void {
  describe.each(servers())('%s', (name) => {
    const factory = libraries[name];
    // a first one may have to be generated
    beforeAll(async () => (await factory()).drop(), timeout);
    const subject = (): Promise<StoreSubject> => subjectOf(factory);
    if (contract === 'whole') {
      testStore(subject, { lacks: ['reopen'] });
      testLostConnection(factory);
    } else testTransactions(subject);
    testLibraryEngine(factory, { server: name, timeout });
  });
}

async function subjectOf(factory: LibraryFactory): Promise<StoreSubject> {
  const library = await factory();
  const clock = fakeClock();
  const store = library.open({ now: clock.now });
  return {
    store,
    advance: (ms) => clock.advance(ms),
    begin: () => heldOpen(library),
    close: () => store.close().then(library.drop),
  };
}

/** Only what a store does inside a transaction of the host's: the rest is no different. */
function testTransactions(factory: () => Promise<StoreSubject>): void {
  describe('Store contract: transactions', () => {
    let subject: StoreSubject;
    beforeAll(async () => {
      subject = await factory();
      await subject.store.migrate();
    });
    afterAll(() => subject.close());
    for (const { name, run } of storeCases.transactions ?? []) it(name, () => tryOn(subject, factory, run));
  });
}

/** A store whose own transactions are those of the library. */
function testLostConnection(factory: LibraryFactory): void {
  it(
    'a connection lost in the middle is said to be that, and the next one serves',
    async () => {
      const library = await factory();
      const store = library.open({});
      try {
        const scope = await store.scope('tenant', 'live');
        const contact = newContact({ scope });
        const change = (): Promise<string> =>
          store.commit({
            kind: 'contacts',
            reads: { contacts: [contact] },
            decide: ({ contacts }) => ({
              writes: { contacts: { update: contacts.map((found) => contactUpdate(found, { name: 'Bea' })) } },
              result: 'done',
            }),
          });
        await store.commit({
          kind: 'contacts',
          reads: {},
          decide: () => ({ writes: { contacts: { insert: [contact] } }, result: null }),
        });
        const stranger = await library.stranger();
        await stranger.run('BEGIN');
        await stranger.run('SELECT id FROM tidings_contacts FOR UPDATE');
        const lost = change().catch((thrown: unknown) => thrown);
        await until(async () => (await library.killWaiting()) > 0);
        expect(await lost).toMatchObject({ code: 'STORE_UNAVAILABLE', retryable: true });
        await stranger.run('ROLLBACK');
        stranger.release();
        expect(await change()).toBe('done');
      } finally {
        await store.close();
        await library.drop();
      }
    },
    timeout,
  );
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await pause(5);
}
