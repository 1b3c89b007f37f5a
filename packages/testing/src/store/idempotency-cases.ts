import { expect } from 'vitest';
import { type ContractCase, rejectsWith } from '../contract-case.ts';
import { addressHash, newIdempotency, only, readKey, write } from './rows.ts';
import type { StoreTrial } from './store-trial.ts';

/** Results kept under a key. */
export const idempotencyCases: readonly ContractCase<StoreTrial>[] = [
  {
    name: 'S9 idem-first',
    async run({ store, scope }) {
      expect(await readKey(store, scope, 'signup-42')).toEqual([]);
      const key = newIdempotency({ scope, key: 'signup-42', expiresIn: 60_000 });
      const now = await store.commit({
        kind: 'accept',
        reads: { idempotency: [key] },
        decide: (facts) => ({ writes: { idempotency: [key] }, result: facts.now }),
      });
      const { expiresIn, ...row } = key;
      expect(await readKey(store, scope, 'signup-42')).toEqual([{ ...row, expiresAt: now + expiresIn }]);
    },
  },
  {
    name: 'S10 idem-replay-byte-equal',
    async run({ store, scope }) {
      const result = '{ "b":1,"a" : [2,  "é😀\\u0000\\ud800"],"b":3.0 }\n';
      await write(store, { idempotency: [newIdempotency({ scope, key: 'k', result })] });
      for (let read = 0; read < 3; read += 1) expect(only(await readKey(store, scope, 'k')).result).toBe(result);
    },
  },
  {
    name: 'S11 idem-mismatch: a live key keeps its fingerprint and result',
    async run({ store, scope }) {
      const first = newIdempotency({ scope, key: 'k' });
      await write(store, { idempotency: [first] });
      const other = { ...first, fingerprint: addressHash('request', 'other'), result: '{"v":2}' };
      await rejectsWith('STORE_CONFLICT', write(store, { idempotency: [other] }, 2));
      const row = only(await readKey(store, scope, 'k'));
      expect(row.fingerprint).toEqual(first.fingerprint);
      expect(row.result).toBe(first.result);
    },
  },
  {
    name: 'S14 idem-expiry: an expired key reads as none and is replaced',
    needs: ['advance'],
    async run({ store, scope, advance }) {
      const first = newIdempotency({ scope, key: 'k', expiresIn: 10_000 });
      await write(store, { idempotency: [first] });
      await advance(9_000);
      expect(await readKey(store, scope, 'k')).toHaveLength(1);
      await rejectsWith('STORE_CONFLICT', write(store, { idempotency: [first] }, 1));
      await advance(1_001);
      expect(await readKey(store, scope, 'k')).toEqual([]);
      await write(store, { idempotency: [{ ...first, result: '{"v":2}' }] });
      expect(only(await readKey(store, scope, 'k')).result).toBe('{"v":2}');
      await rejectsWith('STORE_CONFLICT', write(store, { idempotency: [first] }, 1));
    },
  },
  {
    name: 'S15 idem-tenant-scoped: scope, event and key together',
    async run({ store, scope, otherScope }) {
      const key = newIdempotency({ scope, key: 'k', result: '{"v":"first"}' });
      await write(store, { idempotency: [key] });
      await write(store, { idempotency: [{ ...key, scope: otherScope, result: '{"v":"other tenant"}' }] });
      await write(store, { idempotency: [{ ...key, event: 'goodbye', result: '{"v":"other event"}' }] });
      expect(only(await readKey(store, scope, 'k')).result).toBe('{"v":"first"}');
      expect(only(await readKey(store, otherScope, 'k')).result).toBe('{"v":"other tenant"}');
    },
  },
  {
    name: 'idem-keys-byte-by-byte',
    async run({ store, scope }) {
      const keys = ['abc', 'ABC', 'abc ', 'ábc', 'é'.repeat(127)];
      await write(store, {
        idempotency: keys.map((key) => newIdempotency({ scope, key, result: JSON.stringify(key) })),
      });
      for (const key of keys) expect(only(await readKey(store, scope, key)).result).toBe(JSON.stringify(key));
      expect(await readKey(store, scope, 'Abc')).toEqual([]);
      for (const key of ['x'.repeat(256), 'nul\0']) {
        await rejectsWith('STORE_REFUSED', write(store, { idempotency: [newIdempotency({ scope, key })] }));
      }
    },
  },
];
