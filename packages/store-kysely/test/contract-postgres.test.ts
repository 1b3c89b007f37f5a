import { databases, testStore } from '@tidings/testing';
import { describe } from 'vitest';
import { places, subjectAt } from './subjects.ts';

describe.skipIf(databases(['postgres']).length === 0)('postgres', () => {
  testStore(async () => subjectAt(await places.postgres()));
});
