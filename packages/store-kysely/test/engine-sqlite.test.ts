import { databases, testEngineOn } from '@tidings/testing';
import { describe } from 'vitest';
import { places } from './subjects.ts';

describe.skipIf(databases(['sqlite']).length === 0)('sqlite', () => {
  testEngineOn(async () => {
    const place = await places.sqlite();
    return { store: place.open(), close: () => place.drop() };
  });
});
