import { describe, it } from 'vitest';
import type { ContractNeed } from '../contract-case.ts';
import { brokerCases } from './broker-cases.ts';
import { queueCases } from './queue-cases.ts';
import { type QueueFactory, tryQueue } from './queue-trial.ts';

/** Settings of the queue contract. */
export interface TestQueueOptions {
  /** Title of the group of tests. Default: `Queue contract`. */
  readonly title?: string;
  /** What `factory` cannot give; the cases that need it are not registered. Default: nothing is lacking. */
  readonly lacks?: readonly ContractNeed[];
  /** Longest a case may take, in ms. Default: 60,000. */
  readonly timeoutMs?: number;
}

/**
 * Registers the queue contract with Vitest: every promise of `Queue`, one test each, each on a queue of its own. A queue of
 * one process says `lacks: ['broker']`.
 */
export function testQueue(factory: QueueFactory, options: TestQueueOptions = {}): void {
  const lacks = options.lacks ?? [];
  describe(options.title ?? 'Queue contract', () => {
    const cases = [...queueCases, ...brokerCases].filter(
      ({ needs = [] }) => !needs.some((need) => lacks.includes(need)),
    );
    // Those that wait stand together, so that they wait together.
    for (const { name, waits, run } of [
      ...cases.filter((each) => !each.waits),
      ...cases.filter((each) => each.waits),
    ]) {
      const register = waits ? it.concurrent : it;
      register(name, () => tryQueue(factory, run), options.timeoutMs ?? 60_000);
    }
  });
}
