import type { Store, Work, Writes } from '@tidings/core/spec';
import { expect } from 'vitest';
import { type ContractCase, rejectsWith } from '../contract-case.ts';
import { effort } from '../effort.ts';
import { naughtyStrings } from '../store/naughty-strings.ts';
import type { EngineTrial } from './engine-trial.ts';
import { fuzzCase } from './fuzz-case.ts';

/** What an engine does on any store. */
export const engineCases: readonly ContractCase<EngineTrial>[] = [
  {
    name: 'E1 a send is delivered and can be read back whole',
    async run({ engine, email, settled }) {
      const sent = await engine.send('note', {
        to: { email: 'Ada@Example.com', name: 'Ada Ek', tier: 'gold' },
        payload: { text: 'hello' },
      });
      await settled();
      expect(email.messages.map((message) => message.to)).toEqual(['Ada@Example.com']);
      const trace = await engine.messages.trace(sent.deliveries[0]?.id ?? '');
      expect(trace).toMatchObject({ status: 'sent', attempts: 1, content: { subject: 'Note', text: 'hello' } });
      expect(trace.timeline.map((entry) => entry.event)).toEqual(['queued', 'attempt', 'sent']);
      const notification = await engine.notifications.get(sent.id);
      expect(notification).toMatchObject({ status: 'completed', contact: { name: 'Ada Ek', meta: { tier: 'gold' } } });
    },
  },
  {
    name: 'E2 concurrent sends under one key make one notification',
    async run({ engine, email, settled }) {
      const count = effort({ quick: 200, ci: 1000, verify: 10_000 });
      const sends = Array.from({ length: count }, () =>
        engine.send('note', { to: 'key@example.com', payload: { text: 'once' }, idempotencyKey: 'once' }),
      );
      const results = await Promise.all(sends);
      await settled();
      expect(new Set(results.map((result) => result.id)).size).toBe(1);
      expect(results.filter((result) => !result.replayed)).toHaveLength(1);
      expect(email.messages).toHaveLength(1);
      await rejectsWith(
        'IDEMPOTENCY_MISMATCH',
        engine.send('note', { to: 'key@example.com', payload: { text: 'other' }, idempotencyKey: 'once' }),
      );
    },
  },
  {
    name: 'E3 a refused batch of 200 with one guilty item: 199 succeed',
    async run({ store, another, email, settled }) {
      const engine = another({ store: refusing(store, 'guilty') });
      const sends = Array.from({ length: 200 }, (_, n) =>
        engine.send('note', { to: `batch${n}@example.com`, payload: { text: n === 123 ? 'guilty' : 'innocent' } }),
      );
      const results = await Promise.allSettled(sends);
      const failed = results.flatMap((result, n) => (result.status === 'rejected' ? [n] : []));
      expect(failed).toEqual([123]);
      await rejectsWith('STORE_REFUSED', sends[123] ?? Promise.resolve());
      await settled();
      expect(email.messages).toHaveLength(199);
    },
  },
  {
    name: 'E4 naughty strings pass through the store unchanged',
    async run({ another, email, settled }) {
      // Accepted by one engine, delivered by another: nothing is handed over in memory.
      const producer = another({ role: 'producer' });
      const texts = (await naughtyStrings()).filter((text) => text.trim() !== '');
      const { accepted } = await producer.send('note', {
        to: texts.map((name, n) => ({ email: `naughty${n}@example.com`, name })),
        payload: { text: 'x' },
      });
      expect(accepted).toHaveLength(texts.length);
      for (const [n, text] of texts.entries()) {
        await producer.send('note', { to: `payload${n}@example.com`, payload: { text } });
      }
      const worker = another();
      await worker.start();
      await settled();
      const byAddress = new Map(email.messages.map((message) => [message.to, message]));
      for (const [n, text] of texts.entries()) {
        expect(byAddress.get(`payload${n}@example.com`)?.content).toMatchObject({ text });
      }
    },
  },
  {
    name: 'E5 four external ids that only look alike are four contacts',
    async run({ engine }) {
      const ids = ['abc', 'ABC', 'abc ', 'ábc'];
      for (const [n, id] of ids.entries())
        await engine.contacts.upsert({ externalId: id, email: `id${n}@example.com` });
      for (const [n, id] of ids.entries()) {
        expect(await engine.contacts.get({ externalId: id })).toMatchObject({ email: `id${n}@example.com` });
      }
    },
  },
  {
    name: 'E6 concurrent sends to one new contact make one contact and merge what each says of it',
    async run({ engine, settled }) {
      const fields = Array.from({ length: 50 }, (_, n) => `field${n}`);
      const sends = fields.map((field) =>
        engine.send('note', { to: { email: 'merge@example.com', [field]: true }, payload: { text: 'x' } }),
      );
      await Promise.all(sends);
      const { items } = await engine.contacts.list();
      expect(items).toHaveLength(1);
      expect(Object.keys(items[0]?.meta ?? {}).sort()).toEqual([...fields].sort());
      await settled();
    },
  },
  {
    name: 'E7 a suppressed address is accepted and not sent to, and a dead one falls through',
    async run({ engine, email, sms, settled }) {
      const to = { email: 'stop@example.com', phone: '+46701234567' };
      await engine.suppressions.add({ address: 'stop@example.com', reason: 'unsubscribed' });
      const stopped = await engine.send('note', { to, payload: { text: 'x' } });
      expect(stopped.deliveries).toMatchObject([{ channel: 'email', status: 'suppressed', reason: 'unsubscribed' }]);
      await engine.suppressions.add({ address: 'stop@example.com', reason: 'bounced' });
      const through = await engine.send('note', { to, payload: { text: 'x' } });
      expect(through.deliveries).toMatchObject([{ channel: 'sms', status: 'queued' }]);
      expect(await engine.suppressions.remove({ address: 'stop@example.com' })).toBe(true);
      await engine.send('note', { to, payload: { text: 'x' } });
      await settled();
      expect([email.messages.length, sms.messages.length]).toEqual([1, 1]);
    },
  },
  {
    name: 'E8 an interrupted broadcast goes on where it was',
    async run({ engine, email, settled }) {
      const people = Array.from({ length: 1200 }, (_, n) => ({ email: `cast${n}@example.com` }));
      const half = new AbortController();
      let chunks = 0;
      const first = await engine.broadcast('note', people, {
        id: 'cast',
        payload: { text: 'x' },
        signal: half.signal,
        onProgress: () => {
          chunks += 1;
          half.abort();
        },
      });
      expect(chunks).toBeGreaterThan(0);
      expect(first.completed).toBe(false);
      const second = await engine.broadcast('note', people, { id: 'cast', payload: { text: 'x' } });
      expect(second).toMatchObject({ completed: true, accepted: 1200, skipped: first.accepted });
      await settled();
      expect(new Set(email.messages.map((message) => message.to)).size).toBe(1200);
      expect(email.messages).toHaveLength(1200);
    },
  },
  {
    name: 'E9 several messages of one notification settle together and end it once',
    async run({ engine, push, settled }) {
      const pushTokens = Array.from({ length: 20 }, (_, n) => `ExponentPushToken[device-${n}]`);
      const ended: string[] = [];
      engine.on('notification.completed', ({ id }) => ended.push(id));
      const sent = await engine.send('push', { to: { externalId: 'many', pushTokens }, payload: { text: 'x' } });
      await settled();
      expect(push.messages).toHaveLength(20);
      expect(ended).toEqual([sent.id]);
      expect((await engine.notifications.get(sent.id)).status).toBe('completed');
    },
  },
  {
    name: 'E10 erasing a contact leaves its notifications and no word of it',
    async run({ engine, settled }) {
      const sent = await engine.send('note', {
        to: { email: 'gone@example.com', name: 'Gunnar Gone' },
        payload: { text: 'secret words' },
      });
      await settled();
      await engine.suppressions.add({ address: 'gone@example.com' });
      await engine.contacts.delete('gone@example.com');
      const left = JSON.stringify([
        await engine.notifications.get(sent.id),
        await engine.messages.trace(sent.deliveries[0]?.id ?? ''),
        await engine.suppressions.list(),
        await engine.contacts.list(),
      ]);
      expect(left).not.toMatch(/gone|Gunnar|secret words/i);
      const again = await engine.send('note', { to: 'gone@example.com', payload: { text: 'x' } });
      expect(again.deliveries).toMatchObject([{ status: 'suppressed' }]);
    },
  },
  {
    name: 'E11 two engines on one store share the work and never a message',
    async run({ another, email, settled }) {
      const producer = another({ role: 'producer' });
      const people = Array.from({ length: 500 }, (_, n) => ({ email: `share${n}@example.com` }));
      await producer.send('note', { to: people, payload: { text: 'x' } });
      const workers = [another(), another(), another()];
      await Promise.all(workers.map((worker) => worker.start()));
      await settled();
      const ids = email.messages.map((message) => message.id);
      expect(ids).toHaveLength(500);
      expect(new Set(ids).size).toBe(500);
    },
  },
  fuzzCase,
];

/** The store, but it is told to write a row it cannot take along with a send whose payload holds `word`. */
function refusing(store: Store, word: string): Store {
  const spoil = (writes: Writes): Writes => {
    const insert = writes.notifications?.insert ?? [];
    const guilty = insert.find((row) => row.payload.includes(word));
    return guilty ? { ...writes, notifications: { insert: [...insert, { ...guilty, id: 'no id at all' }] } } : writes;
  };
  return {
    ...bound(store),
    commit: <R>(work: Work<R>) =>
      store.commit<R>({
        ...work,
        decide(facts) {
          const decision = work.decide(facts);
          return decision.more === undefined ? { ...decision, writes: spoil(decision.writes) } : decision;
        },
      }),
    close: async () => {},
  };
}

function bound(store: Store): Store {
  return {
    specVersion: 1,
    capabilities: store.capabilities,
    migrate: () => store.migrate(),
    scope: (tenant, mode) => store.scope(tenant, mode),
    scopeOf: (scope) => store.scopeOf(scope),
    remember: (key, proposed) => store.remember(key, proposed),
    commit: (work) => store.commit(work),
    load: (reads) => store.load(reads),
    claim: (request) => store.claim(request),
    renew: (leases, leaseMs) => store.renew(leases, leaseMs),
    beat: (process, ttlMs) => store.beat(process, ttlMs),
    listContacts: (query) => store.listContacts(query),
    listNotifications: (query) => store.listNotifications(query),
    listMessages: (query) => store.listMessages(query),
    listSuppressions: (query) => store.listSuppressions(query),
    erase: (contact, limit) => store.erase(contact, limit),
    prune: (request) => store.prune(request),
    close: () => store.close(),
  };
}
