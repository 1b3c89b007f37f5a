import { describe, it } from 'vitest';
import { queueCases } from './queue-cases.ts';
import { type QueueFactory, tryQueue } from './queue-trial.ts';

/** Settings of the queue contract. */
export interface TestQueueOptions {
  /** Title of the group of tests. Default: `Queue contract`. */
  readonly title?: string;
  /** Longest a case may take, in ms. Default: 30,000. */
  readonly timeoutMs?: number;
}

/** Registers the queue contract with Vitest: every promise of `Queue`, one test each, each on a queue of its own. */
export function testQueue(factory: QueueFactory, options: TestQueueOptions = {}): void {
  describe(options.title ?? 'Queue contract', () => {
    for (const { name, run } of queueCases) {
      it(name, () => tryQueue(factory, run), options.timeoutMs ?? 30_000);
    }
  });
}
