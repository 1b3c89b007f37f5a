import { databases, testEngineOn } from '@tidings/testing';
import { describe } from 'vitest';
import { places } from './subjects.ts';

describe.skipIf(databases(['mariadb']).length === 0)('mariadb', () => {
  testEngineOn(async () => {
    const place = await places.mariadb();
    return { store: place.open(), close: () => place.drop() };
  });
});
