import { afterAll, beforeAll, describe, it } from 'vitest';
import { effort } from '../effort.ts';
import { engineCases } from './engine-cases.ts';
import { type EngineFactory, type EngineSubject, tryEngine } from './engine-trial.ts';

/** Settings of the engine suite. */
export interface TestEngineOnOptions {
  /** Title of the group of tests. Default: `An engine on this store`. */
  readonly title?: string;
  /** Longest a case may take, in ms. Default: 120,000, with the effort `verify` 900,000. */
  readonly timeoutMs?: number;
}

/**
 * Registers with Vitest what an engine does on any store: from a send to what the adapter got and what can be read back.
 * Call it in a test file of a store, beside `testStore`.
 *
 * @example
 * testEngineOn(async () => ({ store: myStore(), close: async () => {} }));
 */
export function testEngineOn(factory: EngineFactory, options: TestEngineOnOptions = {}): void {
  const timeout = options.timeoutMs ?? effort({ quick: 120_000, ci: 120_000, verify: 900_000 });
  describe(options.title ?? 'An engine on this store', () => {
    let subject: EngineSubject;
    beforeAll(async () => {
      subject = await factory();
      await subject.store.migrate();
    }, timeout);
    afterAll(async () => {
      await subject?.store.close();
      await subject?.close();
    }, timeout);
    for (const { name, run } of engineCases) it(name, () => tryEngine(subject.store, run), timeout);
  });
}
