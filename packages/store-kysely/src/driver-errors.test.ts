import { TidingsError } from '@tidings/core/spec';
import { describe, expect, it } from 'vitest';
import { endsConnection, judgeFailure } from './driver-errors.ts';
import { CommitUnanswered, GuardFailed, NoAnswer } from './statement.ts';

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

describe('what somebody must mend', () => {
  it.each<[string, string, object[]]>([
    ['STORE_FAILED', 'The database refused the login (', [pg('28000'), pg('28P01'), mysql(1045), mysql(1698)]],
    ['STORE_FAILED', 'There is no database of that name (', [pg('3D000'), mysql(1049)]],
    ['STORE_FAILED', 'There is no schema of that name (', [pg('3F000')]],
    ['STORE_FAILED', 'The user of the connection lacks a right (', [pg('42501'), mysql(1044), mysql(1142)]],
    ['STORE_FAILED', 'The file is no SQLite database (', [sqlite(26), { code: 'SQLITE_NOTADB' }]],
    ['STORE_FAILED', 'The SQLite database cannot be written (', [sqlite(8), sqlite(1032), { code: 'SQLITE_READONLY' }]],
    ['STORE_UNAVAILABLE', 'The SQLite file cannot be opened (', [sqlite(14), { code: 'SQLITE_CANTOPEN' }]],
  ])('%s: %s', (code, message, errors) => {
    for (const error of errors) {
      const judged = judgeFailure(error) as TidingsError;
      expect(judged).toMatchObject({ code, retryable: code === 'STORE_UNAVAILABLE', cause: error });
      expect(judged.message.startsWith(message), judged.message).toBe(true);
      expect(judged.message).toMatch(/\)\. [A-Z].*\.$/);
    }
  });
});

describe('a full disk', () => {
  it.each([pg('53100'), mysql(1021), mysql(1114), sqlite(13), { code: 'SQLITE_FULL' }])('%o', (error) => {
    expect(judgeFailure(error)).toMatchObject({ code: 'STORE_UNAVAILABLE', retryable: true, details: { full: true } });
  });
});

describe('a connection', () => {
  it.each([
    pg('08006'),
    pg('08007'),
    pg('40003'),
    pg('57P01'),
    pg('57P02'),
    pg('25P03'),
    mysql(2013),
    mysql(1927),
    mysql(1053),
    mysql(1317),
    mysql(1180),
    node('ECONNRESET'),
    node('EPIPE'),
    node('PROTOCOL_CONNECTION_LOST'),
    new Error('Connection terminated unexpectedly'),
    new Error('Query read timeout'),
    new NoAnswer(),
  ])('ends with %o', (error) => {
    expect(endsConnection(error)).toBe(true);
  });

  it.each([
    pg('40001'),
    pg('23505'),
    pg('53100'),
    pg('57014'),
    pg('55P03'),
    mysql(1213),
    mysql(1205),
    sqlite(5),
    null,
    'x',
  ])('goes on after %o', (error) => {
    expect(endsConnection(error)).toBe(false);
  });

  it('that ended before COMMIT was answered leaves the outcome unknown', () => {
    const failure = judgeFailure(new CommitUnanswered(pg('08006')));
    expect(failure).toMatchObject({
      code: 'STORE_UNAVAILABLE',
      retryable: true,
      details: { outcome: 'unknown', databaseCode: '08006' },
    });
    expect(String(failure)).not.toContain('jane');
  });
});
