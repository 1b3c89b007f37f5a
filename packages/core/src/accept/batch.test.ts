import { describe, expect, test } from 'vitest';
import { trial } from '../../test/engine-trial.ts';
import { memoryStore, type Store, TidingsError, type Writes } from '../index.ts';

const numbered = (count: number): string[] => Array.from({ length: count }, (_, index) => `p${index}@example.com`);

/** Calls of a store by name, and commits by kind. */
function counting(store: Store): Record<string, number> {
  const calls: Record<string, number> = {};
  const count = (name: string): void => {
    calls[name] = (calls[name] ?? 0) + 1;
  };
  const { commit, load, claim } = store;
  store.commit = (work, options) => {
    count(work.kind);
    return commit(work, options);
  };
  store.load = (reads) => {
    count('load');
    return load(reads);
  };
  store.claim = (request) => {
    count('claim');
    return claim(request);
  };
  return calls;
}

describe('sends at once', () => {
  test.each([10, 150])('%i of them share one commit on either side', async (sends) => {
    const on = trial();
    await on.engine.start();
    await on.engine.idle();
    const calls = counting(on.store);
    await Promise.all(numbered(sends).map((to) => on.one('mail', { to, idempotencyKey: to })));
    await on.clock.advance(0);
    expect(on.email.messages).toHaveLength(sends);
    expect(calls).toEqual({ accept: 1, settle: 1 });
  });

  test('of new and known contacts, suppressed and not, need no more', async () => {
    const on = trial();
    await on.engine.start();
    await on.engine.contacts.upsert({ externalId: 'known', email: 'known@example.com' });
    await on.engine.suppressions.add({ address: 'p1@example.com' });
    await on.engine.idle();
    const calls = counting(on.store);
    await Promise.all([...numbered(20), 'known', 'known@example.com'].map((to) => on.one('mail', { to })));
    await on.clock.advance(0);
    expect(calls).toEqual({ accept: 1, settle: 1 });
    expect(on.email.messages).toHaveLength(21);
  });
});

describe('a store that refuses one of 200', () => {
  function picky(refuses: (writes: Writes) => boolean): Store {
    const store = memoryStore();
    const { commit } = store;
    store.commit = (work, options) =>
      commit(
        {
          ...work,
          decide(facts) {
            const decision = work.decide(facts);
            if (decision.more === undefined && refuses(decision.writes)) {
              throw new TidingsError(
                'STORE_REFUSED',
                'contacts.data is not what this store takes; nothing was written.',
              );
            }
            return decision;
          },
        },
        options,
      );
    return store;
  }

  test('takes the 199 others, and says what was wrong with that one', async () => {
    const store = picky(({ contacts }) => contacts?.insert?.some(({ data }) => data.includes('p77@')) ?? false);
    const on = trial({ store });
    const results = await Promise.allSettled(numbered(200).map((to) => on.one('mail', { to })));
    await on.engine.idle();
    const refused = results.flatMap((result, index) =>
      result.status === 'rejected' ? [[index, result.reason.code]] : [],
    );
    expect(refused).toEqual([[77, 'STORE_REFUSED']]);
    expect(on.email.messages).toHaveLength(199);
    expect((await on.engine.contacts.list({ total: true })).total).toBe(199);
  });

  test('settles the 199 others, and the one is tried again when its lease has lapsed', async () => {
    let refusing = true;
    const store = picky(
      ({ messages }) => refusing && (messages?.update?.some(({ providerId }) => providerId === 'mailer-78') ?? false),
    );
    const on = trial({ store });
    await on.many('mail', { to: numbered(200) });
    await on.engine.idle();
    const page = async (status: 'sent' | 'queued'): Promise<number> =>
      (await on.engine.messages.list({ status, limit: 500 })).items.length;
    expect([await page('sent'), await page('queued')]).toEqual([199, 1]);
    expect(on.reported.filter(({ name }) => name === 'error')).toMatchObject([
      { during: 'settle', error: { code: 'STORE_REFUSED' } },
    ]);
    refusing = false;
  });

  test('gives the room back: later sends are leased as before', async () => {
    let refusing = true;
    const store = picky(({ contacts }) => refusing && (contacts?.insert?.length ?? 0) > 0);
    const on = trial({ store });
    for (let round = 0; round < 3; round += 1) {
      await Promise.allSettled(numbered(150).map((to) => on.one('mail', { to })));
    }
    refusing = false;
    await on.engine.idle();
    const calls = counting(on.store);
    await on.one('mail', { to: 'a@example.com' });
    await on.clock.advance(0);
    expect(calls).toEqual({ accept: 1, settle: 1 });
  });
});
