import { expect } from 'vitest';
import { type ContractCase, rejectsWith } from '../contract-case.ts';
import { newId, putMessage, readMessage } from './rows.ts';
import type { StoreTrial } from './store-trial.ts';

/** Tables, scopes, what is remembered, and the end. */
export const setupCases: readonly ContractCase<StoreTrial>[] = [
  {
    name: 'S1 migrate-from-empty',
    async run({ fresh }) {
      const { store } = await fresh();
      await store.migrate();
      const scope = await store.scope('default', 'live');
      const message = await putMessage(store, scope);
      expect((await readMessage(store, message)).id).toBe(message.id);
    },
  },
  {
    name: 'S2 migrate-twice',
    async run({ store, scope }) {
      const message = await putMessage(store, scope);
      await store.migrate();
      await store.migrate();
      expect((await readMessage(store, message)).epoch).toBe(1);
    },
  },
  {
    name: 'S3 migrate-concurrently',
    async run({ fresh }) {
      const { store } = await fresh();
      await Promise.all(Array.from({ length: 8 }, () => store.migrate()));
      await putMessage(store, await store.scope('default', 'live'));
    },
  },
  {
    name: 'S42 close-idempotent',
    async run({ fresh }) {
      const { store } = await fresh();
      await store.migrate();
      await store.close();
      await store.close();
    },
  },
  {
    name: 'reopened-store-has-the-rows',
    needs: ['reopen'],
    async run({ fresh }) {
      const subject = await fresh();
      await subject.store.migrate();
      const scope = await subject.store.scope('default', 'live');
      const message = await putMessage(subject.store, scope);
      await subject.store.remember('secret', 'kept');
      const again = (await subject.reopen?.()) ?? expect.fail('no store');
      await again.migrate();
      expect(await again.scope('default', 'live')).toBe(scope);
      expect(await again.remember('secret', 'other')).toBe('kept');
      expect((await readMessage(again, message)).id).toBe(message.id);
    },
  },
  {
    name: 'scope-is-one-number-per-tenant-and-mode',
    async run({ store }) {
      const tenant = newId();
      const names = [tenant, tenant.toUpperCase(), `${tenant} `, `á${tenant}`, `a${tenant}`];
      const first = await Promise.all(names.flatMap((name) => [store.scope(name, 'live'), store.scope(name, 'test')]));
      expect(new Set(first).size).toBe(names.length * 2);
      const again = await Promise.all(names.flatMap((name) => [store.scope(name, 'live'), store.scope(name, 'test')]));
      expect(again).toEqual(first);
    },
  },
  {
    name: 'scope-first-use-by-many-at-once',
    async run({ store }) {
      const tenant = newId();
      const given = await Promise.all(Array.from({ length: 20 }, () => store.scope(tenant, 'live')));
      expect(new Set(given).size).toBe(1);
    },
  },
  {
    name: 'scope-of-says-what-a-number-stands-for',
    async run({ store }) {
      const tenant = `${newId()} Ünïted`;
      expect(await store.scopeOf(await store.scope(tenant, 'test'))).toEqual({ tenant, mode: 'test' });
      await rejectsWith('NOT_FOUND', store.scopeOf(2_000_000_000));
    },
  },
  {
    name: 'remember-keeps-the-first-value',
    async run({ store }) {
      const key = newId();
      const proposed = Array.from({ length: 20 }, (_, index) => `value ${index}`);
      const given = await Promise.all(proposed.map((value) => store.remember(key, value)));
      expect(new Set(given).size).toBe(1);
      expect(proposed).toContain(given[0]);
      expect(await store.remember(key, 'late')).toBe(given[0]);
      expect(await store.remember(`${key} `, 'another key')).toBe('another key');
    },
  },
  {
    name: 'beat-counts-live-processes',
    needs: ['advance'],
    async run({ fresh }) {
      const { store, advance } = await fresh();
      await store.migrate();
      expect(await store.beat('one', 10_000)).toBe(1);
      expect(await store.beat('two', 10_000)).toBe(2);
      expect(await store.beat('two', 10_000)).toBe(2);
      await advance?.(6_000);
      expect(await store.beat('two', 10_000)).toBe(2);
      await advance?.(6_000);
      expect(await store.beat('two', 10_000)).toBe(1);
    },
  },
];
