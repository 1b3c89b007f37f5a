import { databases, testStore } from '@tidings/testing';
import { describe } from 'vitest';
import { places, subjectAt } from './subjects.ts';

describe.skipIf(databases(['sqlite']).length === 0)('sqlite', () => {
  testStore(async () => subjectAt(await places.sqlite()));
});
