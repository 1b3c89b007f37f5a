import { TidingsError } from '@tidings/core/spec';
import { describe, expect, it } from 'vitest';
import { judgeFailure } from './driver-errors.ts';
import { GuardFailed } from './statement.ts';

const pg = (code: string): object => Object.assign(new Error('value jane@example.com'), { code });
const mysql = (errno: number, code = 'ER_X'): object =>
  Object.assign(new Error('value jane@example.com'), { errno, code, sqlState: 'HY000' });
const sqlite = (errcode: number): object =>
  Object.assign(new Error('value jane@example.com'), { code: 'ERR_SQLITE_ERROR', errcode });
const node = (code: string): object => Object.assign(new Error('connect'), { code, errno: -111 });

describe('judgeFailure', () => {
  it.each([
    new GuardFailed(),
    pg('23505'),
    pg('22012'),
    mysql(1062),
    sqlite(1555),
    sqlite(2067),
    { code: 'SQLITE_CONSTRAINT_UNIQUE' },
  ])('decides again: %o', (error) => {
    expect(judgeFailure(error)).toBe('conflict');
  });

  it.each([
    pg('40001'),
    pg('40P01'),
    pg('55P03'),
    mysql(1213),
    mysql(1205),
    sqlite(5),
    sqlite(517),
    { code: 'SQLITE_BUSY' },
  ])('runs again: %o', (error) => {
    expect(judgeFailure(error)).toBe('again');
  });

  it.each([
    [
      'STORE_REFUSED',
      false,
      [pg('22021'), pg('23502'), pg('54000'), mysql(1366), mysql(1406), mysql(1153), sqlite(18), sqlite(1299)],
    ],
    [
      'STORE_UNAVAILABLE',
      true,
      [pg('08006'), pg('57P01'), pg('53100'), mysql(1040), mysql(2013), sqlite(13), node('ECONNREFUSED')],
    ],
    [
      'STORE_UNAVAILABLE',
      true,
      [new Error('Connection terminated unexpectedly'), mysql(0, 'PROTOCOL_CONNECTION_LOST')],
    ],
    ['STORE_FAILED', false, [pg('42501'), pg('42P01'), mysql(1146), sqlite(11), new Error('?'), 'text', null]],
  ] as const)('%s', (code, retryable, errors) => {
    for (const error of errors) {
      const judged = judgeFailure(error);
      expect(TidingsError.is(judged, code) && judged.retryable === retryable, String(judged)).toBe(true);
      expect((judged as TidingsError).message).not.toContain('jane');
      expect((judged as TidingsError).cause).toBe(error);
    }
  });

  it('leaves our own errors as they are', () => {
    const own = new TidingsError('STORE_REFUSED', 'refused');
    expect(judgeFailure(own)).toBe(own);
  });
});
