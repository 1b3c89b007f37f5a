import { memoryStore } from '@tidings/core';
import { databases, testEngineOn } from '@tidings/testing';
import { describe } from 'vitest';

describe.skipIf(databases(['memory']).length === 0)('memory', () => {
  testEngineOn(async () => ({ store: memoryStore(), close: async () => {} }));
});
