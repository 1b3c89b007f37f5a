import { describe, expect, test } from 'vitest';
import { messageOf, refusal, type Trial, trial } from '../../test/engine-trial.ts';
import { settle } from '../../test/manual-clock.ts';
import { type Store, TidingsError, type Work } from '../index.ts';

const to = 'jane@example.com';
const lost = (): TidingsError =>
  new TidingsError('STORE_UNAVAILABLE', 'lost', { retryable: true, details: { outcome: 'unknown' } });
const away = (): TidingsError => new TidingsError('STORE_UNAVAILABLE', 'away', { retryable: true });

type Loss = 'before' | 'after';
const losses = ['before', 'after'] as const;

/** Loses the answers of the next commits of a kind, before or after they are carried out. */
function lose(store: Store, kind: Work<unknown>['kind'], ...whats: readonly (Loss | 'away')[]): { commits: number } {
  const { commit } = store;
  const left = [...whats];
  const seen = { commits: 0 };
  store.commit = async (work, options) => {
    if (work.kind !== kind) return commit(work, options);
    seen.commits += 1;
    const what = left.shift();
    if (what === 'away') throw away();
    if (what === 'before') {
      const decide: typeof work.decide = (facts) => {
        work.decide(facts);
        throw lost();
      };
      return commit({ ...work, decide }, options);
    }
    const result = await commit(work, options);
    if (what === 'after') throw lost();
    return result;
  };
  return seen;
}

const numbered = (count: number): string[] => Array.from({ length: count }, (_, index) => `p${index}@example.com`);

async function settled<R>(on: Trial, promise: Promise<R>): Promise<R> {
  await on.clock.advance(2000);
  return promise;
}

describe('a send whose commit was not answered', () => {
  test.each(losses)('%s it was carried out: resolves, and is delivered once', async (what) => {
    const on = trial();
    await on.engine.start();
    lose(on.store, 'accept', what);
    const sent = await settled(on, on.one('mail', { to }));
    await on.clock.advance(1000);
    expect(sent.replayed).toBe(false);
    expect(await messageOf(on, sent)).toMatchObject({ status: 'sent', attempts: 1 });
    expect(on.email.messages).toHaveLength(1);
    expect((await on.engine.notifications.list({ total: true })).total).toBe(1);
  });

  test.each(losses)('%s: so do the others of its batch, and arrays, and those under a key', async (what) => {
    const on = trial();
    await on.engine.start();
    lose(on.store, 'accept', what, what, what);
    const sends = Promise.all([
      ...numbered(20).map((each) => on.one('mail', { to: each })),
      on.one('mail', { to, idempotencyKey: 'k' }),
      on.one('mail', { to, idempotencyKey: 'k' }),
    ]);
    const many = on.many('mail', { to: numbered(5) });
    const sent = await settled(on, sends);
    expect((await settled(on, many)).accepted).toHaveLength(5);
    await on.clock.advance(1000);
    expect(new Set(sent.map(({ id }) => id)).size).toBe(21);
    expect(sent.filter(({ replayed }) => replayed)).toHaveLength(1);
    expect(on.email.messages).toHaveLength(26);
    expect((await on.engine.notifications.list({ total: true })).total).toBe(26);
  });

  test.each(losses)('%s: a broadcast counts everybody once', async (what) => {
    const on = trial();
    await on.engine.start();
    lose(on.store, 'accept', what);
    const cast = on.engine.untyped.broadcast('mail', numbered(700), { id: 'cast' });
    await on.clock.advance(2000);
    expect(await cast).toMatchObject({ accepted: 700, skipped: 0, completed: true });
    const { broadcasts } = await on.store.load({ broadcasts: [{ scope: 1, id: 'cast' }] });
    expect(broadcasts[0]).toMatchObject({ accepted: 700, status: 'completed' });
    await on.clock.advance(5000);
    expect(on.email.messages).toHaveLength(700);
  });

  test('and whose room is gone when it is known: gives its leases back', async () => {
    const slots = { specVersion: 1 as const, name: 'mailer', channel: 'email', lane: { slots: 1 } };
    const release: (() => void)[] = [];
    const adapter = {
      ...slots,
      send: () =>
        new Promise<{ outcome: 'accepted' }>((resolve) => release.push(() => resolve({ outcome: 'accepted' }))),
    };
    const on = trial({ adapters: [adapter] });
    await on.engine.start();
    lose(on.store, 'accept', 'after');
    const first = on.one('mail', { to });
    await settle();
    // somebody else takes the only slot meanwhile
    const second = on.one('mail', { to });
    await on.clock.advance(2000);
    await Promise.all([first, second]);
    const leases = async (): Promise<number> =>
      (await on.store.listMessages({ scope: 1, limit: 9 })).items.filter(({ leaseUntil }) => leaseUntil !== null)
        .length;
    expect([release.length, await leases()]).toEqual([1, 1]);
    for (const go of release.splice(0)) go();
    await on.clock.advance(2000);
    for (const go of release.splice(0)) go();
    await on.clock.advance(0);
    const { items } = await on.store.listMessages({ scope: 1, limit: 9 });
    expect(items.map(({ status, attempts }) => [status, attempts])).toEqual([
      ['sent', 1],
      ['sent', 1],
    ]);
  });

  test('and that was cancelled by somebody before it was known, is not called', async () => {
    const on = trial();
    await on.engine.start();
    lose(on.store, 'accept', 'after');
    const sending = on.one('mail', { to });
    await settle();
    const { items } = await on.store.listMessages({ scope: 1, limit: 9 });
    const [row] = items;
    if (!row) throw new Error('Nothing was written.');
    await on.store.commit({
      kind: 'cancel',
      reads: {},
      decide: () => ({
        writes: {
          messages: {
            update: [
              {
                ...{ scope: 1, id: row.id, epoch: row.epoch, status: 'cancelled', attempts: 0, lane: row.lane },
                ...{ dueIn: null, calling: false, leaseIn: null, provider: null, providerId: null, reason: null },
                ...{ errorCode: null, error: null, language: null, reached: [], timeline: [] },
              },
            ],
          },
        },
        result: null,
      }),
    });
    const sent = await settled(on, sending);
    await on.clock.advance(60_000);
    expect(await messageOf(on, sent)).toMatchObject({ status: 'cancelled' });
    expect(on.email.messages).toEqual([]);
  });

  test('while the store stays away: rejects after 5 s and says that it is unknown', async () => {
    const on = trial();
    await on.engine.start();
    lose(on.store, 'accept', 'after', ...Array.from({ length: 99 }, () => 'away' as const));
    let ended: TidingsError | undefined;
    on.one('mail', { to }).catch((error: TidingsError) => {
      ended = error;
    });
    await on.clock.advance(4999);
    expect(ended).toBeUndefined();
    await on.clock.advance(1);
    expect(ended).toMatchObject({ code: 'STORE_UNAVAILABLE', retryable: true, details: { outcome: 'unknown' } });
  });

  test('when the engine stops: rejects at once and says that it is unknown', async () => {
    const on = trial();
    await on.engine.start();
    lose(on.store, 'accept', 'before');
    const ended = on.one('mail', { to }).catch((error: TidingsError) => error);
    await settle();
    void on.engine.stop();
    expect(await ended).toMatchObject({ code: 'STORE_UNAVAILABLE', details: { outcome: 'unknown' } });
  });
});

describe('a settlement whose commit was not answered', () => {
  test.each(losses)('%s it was carried out: is reported once, and not taken for stale', async (what) => {
    const on = trial();
    await on.engine.start();
    lose(on.store, 'settle', what, what);
    const sent = await on.one('mail', { to });
    await on.clock.advance(5000);
    expect(await messageOf(on, sent)).toMatchObject({ status: 'sent', attempts: 1 });
    expect(on.reported.map(({ name }) => name)).toEqual(['error', 'message.sent', 'notification.completed']);
    expect(on.email.messages).toHaveLength(1);
  });

  test.each(losses)('%s: a retry is made once', async (what) => {
    const on = trial({ answer: { outcome: 'retry', reason: 'busy', lane: { pauseMs: 20_000 } } });
    await on.engine.start();
    lose(on.store, 'settle', what);
    const sent = await on.one('mail', { to });
    await on.clock.advance(3000);
    expect(await messageOf(on, sent)).toMatchObject({ status: 'queued', attempts: 1 });
    expect(on.reported.map(({ name }) => name)).toEqual(['error', 'message.retrying']);
  });

  test.each(losses)('%s, that a call begins (`hold`): the call is made, once', async (what) => {
    const on = trial({ delivery: { unknown: { email: 'hold' } } });
    await on.engine.start();
    lose(on.store, 'settle', what);
    const sent = await on.one('mail', { to });
    await on.clock.advance(2000);
    expect(await messageOf(on, sent)).toMatchObject({ status: 'sent', attempts: 1 });
    expect(on.email.messages).toHaveLength(1);
  });

  test('is stale all the same when another process has the message', async () => {
    const on = trial();
    await on.engine.start();
    const { commit } = on.store;
    let first = true;
    on.store.commit = async (work, options) => {
      if (work.kind !== 'settle' || !first) return commit(work, options);
      first = false;
      // the lease lapses, another takes it
      await on.store.claim({ lanes: [{ lane: 'mailer', limit: 9 }], leaseMs: 60_000 });
      throw lost();
    };
    const sending = on.one('mail', { to });
    const { claim } = on.store;
    on.store.claim = async (request) => {
      if (request.leaseMs === 60_000) await on.clock.advance(46_000);
      return claim(request);
    };
    await sending;
    await on.clock.advance(2000);
    expect(on.reported.map(({ name }) => name)).not.toContain('message.sent');
  });
});

describe('what manages, whose commit was not answered', () => {
  const during = async <R>(on: Trial, call: Promise<R>): Promise<R> => settled(on, call);

  test.each(losses)('%s: a contact is made once', async (what) => {
    const on = trial();
    await on.engine.start();
    lose(on.store, 'contacts', what);
    const contact = await during(on, on.engine.contacts.upsert({ email: to, name: 'Jane' }));
    expect(await on.engine.contacts.get({ email: to })).toMatchObject({ id: contact.id, name: 'Jane' });
    expect((await on.engine.contacts.list()).items).toHaveLength(1);
  });

  test.each(losses)('%s: a suppression taken away was there', async (what) => {
    const on = trial();
    await on.engine.suppressions.add({ address: to });
    lose(on.store, 'suppressions', what);
    expect(await during(on, on.engine.suppressions.remove({ address: to }))).toBe(true);
    expect(await on.engine.suppressions.remove({ address: to })).toBe(false);
  });

  test.each(losses)('%s: what a suppression stopped is counted', async (what) => {
    const on = trial({ autoStart: false });
    await on.one('mail', { to });
    lose(on.store, 'cancel', what);
    expect(await during(on, on.engine.suppressions.add({ address: to }))).toMatchObject({ cancelled: 1 });
  });

  test('is given up after 5 s as unknown', async () => {
    const on = trial();
    await on.engine.start();
    lose(on.store, 'contacts', 'before', ...Array.from({ length: 99 }, () => 'away' as const));
    const ended = refusal(() => on.engine.contacts.upsert({ email: to }));
    await on.clock.advance(10_000);
    expect(await ended).toMatchObject({ code: 'STORE_UNAVAILABLE', message: 'lost' });
  });

  test('and refused when it runs again: says the refusal', async () => {
    const on = trial();
    await on.engine.start();
    const contact = await on.engine.contacts.upsert({ email: to });
    lose(on.store, 'contacts', 'before');
    const updating = refusal(() => on.engine.contacts.update({ email: to }, { name: 'Jane' }));
    await settle();
    await on.store.erase({ scope: 1, id: contact.id }, 100);
    await on.clock.advance(1000);
    expect(await updating).toMatchObject({ code: 'NOT_FOUND' });
  });
});
