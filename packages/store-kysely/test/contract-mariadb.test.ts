import { databases, testStore } from '@tidings/testing';
import { describe } from 'vitest';
import { places, subjectAt } from './subjects.ts';

describe.skipIf(databases(['mariadb']).length === 0)('mariadb', () => {
  testStore(async () => subjectAt(await places.mariadb()));
});
