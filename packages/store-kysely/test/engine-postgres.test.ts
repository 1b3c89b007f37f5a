import { databases, testEngineOn } from '@tidings/testing';
import { describe } from 'vitest';
import { places } from './subjects.ts';

describe.skipIf(databases(['postgres']).length === 0)('postgres', () => {
  testEngineOn(async () => {
    const place = await places.postgres();
    return { store: place.open(), close: () => place.drop() };
  });
});
