import { memoryStore } from '@tidings/core';
import { databases, fakeClock, testStore } from '@tidings/testing';
import { describe } from 'vitest';

describe.runIf(databases().includes('memory'))('memoryStore', () => {
  testStore(
    async () => {
      const clock = fakeClock();
      return { store: memoryStore({ now: clock.now }), advance: clock.advance, async close() {} };
    },
    { lacks: ['reopen', 'transaction'] },
  );
});
