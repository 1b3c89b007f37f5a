import type { ScopeId, Store, SuppressionRow } from '@tidings/core/spec';
import { expect } from 'vitest';
import type { ContractCase } from '../contract-case.ts';
import { addressHash, newSuppression, only, putContact, write } from './rows.ts';
import type { StoreTrial } from './store-trial.ts';

const hash = addressHash('email', 'jane@example.com');

async function read(store: Store, scope: ScopeId): Promise<readonly SuppressionRow[]> {
  const { suppressions } = await store.load({ suppressions: [{ scope, hash }] });
  return [...suppressions].sort((one, other) => (one.channel < other.channel ? -1 : 1));
}

/** Addresses that must not be sent to. */
export const suppressionCases: readonly ContractCase<StoreTrial>[] = [
  {
    name: 'suppression-put-and-removed',
    async run({ store, scope }) {
      const put = newSuppression({ scope, note: 'by hand' });
      await write(store, { suppressions: { put: [put, { ...put, channel: '*', reason: 'manual' }] } });
      const rows = await read(store, scope);
      expect(rows.map(({ channel, reason }) => [channel, reason])).toEqual([
        ['*', 'manual'],
        ['email', 'bounced'],
      ]);
      expect(rows[1]).toEqual({ ...put, createdAt: rows[0]?.createdAt });
      await write(store, {
        suppressions: {
          remove: [
            { scope, hash, channel: 'email' },
            { scope, hash, channel: 'sms' },
          ],
        },
      });
      expect((await read(store, scope)).map(({ channel }) => channel)).toEqual(['*']);
      await write(store, { suppressions: { remove: [{ scope, hash, channel: '*' }] } });
      expect(await read(store, scope)).toEqual([]);
    },
  },
  {
    name: 'suppression-put-again: its time stays, the rest is new',
    needs: ['advance'],
    async run({ store, scope, advance }) {
      const put = newSuppression({ scope });
      await write(store, { suppressions: { put: [put] } });
      const { createdAt } = only(await read(store, scope));
      await advance(1_000);
      const again = { ...put, reason: 'complained' as const, address: null, source: 'ses', note: 'feedback' };
      await write(store, { suppressions: { put: [again] } });
      expect(await read(store, scope)).toEqual([{ ...again, createdAt }]);
    },
  },
  {
    name: 'suppressions-of-a-contact-come-unasked',
    async run({ store, scope, otherScope }) {
      const contact = await putContact(store, scope, 'email', 'jane@example.com');
      await write(store, {
        suppressions: { put: [newSuppression({ scope }), newSuppression({ scope: otherScope, channel: '*' })] },
      });
      for (const reads of [
        { contacts: [contact] },
        { identifiers: [{ scope, kind: 'email', value: 'jane@example.com' }] },
        { contacts: [contact], suppressions: [{ scope, hash }] },
      ]) {
        const { suppressions } = await store.load(reads);
        expect(suppressions.map((row) => [row.scope, row.channel])).toEqual([[scope, 'email']]);
      }
      const unasked = await store.commit({
        kind: 'accept',
        reads: {},
        decide: (facts) =>
          facts.contacts.length === 0
            ? { more: { contacts: [contact] } }
            : { writes: {}, result: facts.suppressions.length },
      });
      expect(unasked).toBe(1);
    },
  },
];
