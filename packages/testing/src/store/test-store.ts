import { afterAll, beforeAll, describe, it } from 'vitest';
import type { ContractNeed } from '../contract-case.ts';
import { storeCases } from './store-cases.ts';
import { type StoreFactory, type StoreSubject, tryOn } from './store-trial.ts';

/** Settings of the store contract. */
export interface TestStoreOptions {
  /** Title of the group of tests. Default: `Store contract`. */
  readonly title?: string;
  /** What `factory` cannot give; the cases that need it are not registered. Default: nothing is lacking. */
  readonly lacks?: readonly ContractNeed[];
  /** Longest a case may take, in ms. Default: 60,000. */
  readonly timeoutMs?: number;
}

/**
 * Registers the store contract with Vitest: every promise of `Store`, one test each. Call it in a test file of a store.
 *
 * @example
 * testStore(async () => {
 *   const clock = fakeClock();
 *   return { store: myStore({ now: clock.now }), advance: clock.advance, close: async () => {} };
 * }, { lacks: ['reopen'] });
 */
export function testStore(factory: StoreFactory, options: TestStoreOptions = {}): void {
  const lacks = options.lacks ?? [];
  const timeout = options.timeoutMs ?? 60_000;

  describe(options.title ?? 'Store contract', () => {
    let subject: StoreSubject;
    beforeAll(async () => {
      subject = await factory();
      await subject.store.migrate();
    }, timeout);
    afterAll(() => subject?.close(), timeout);

    for (const [concern, cases] of Object.entries(storeCases)) {
      const able = cases.filter(({ needs = [] }) => !needs.some((need) => lacks.includes(need)));
      if (able.length === 0) continue;
      describe(concern, () => {
        for (const { name, run } of able) {
          it(name, () => tryOn(subject, factory, run), timeout);
        }
      });
    }
  });
}
