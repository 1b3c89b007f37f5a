import { describe, expect, it } from 'vitest';
import { judgeFailure } from '../driver-errors.ts';
import { drizzleFailure, rowsOf } from './drizzle-transactions.ts';
import { prismaFailure } from './prisma-transactions.ts';

// What the libraries make of a failure on a real server is seen in test/; here are those that are hard to bring about.

/** An error of the client for a raw query, as adapters make them. */
function rawFailure(cause: object): Error {
  const driverAdapterError = Object.assign(new Error('DriverAdapterError'), { cause });
  return Object.assign(new Error('Raw query failed.'), { code: 'P2010', meta: { driverAdapterError } });
}

const clientFailure = (code: string, message = 'failed'): Error => Object.assign(new Error(message), { code });

describe('a failure of Prisma', () => {
  it.each([
    ['a SQLSTATE', rawFailure({ kind: 'postgres', originalCode: '55P03' }), 'again'],
    ['a deadlock on MySQL', rawFailure({ kind: 'TransactionWriteConflict', originalCode: '1213' }), 'again'],
    ['a key that is taken', rawFailure({ kind: 'UniqueConstraintViolation', originalCode: '1062' }), 'conflict'],
    ['a write conflict without a code', rawFailure({ kind: 'TransactionWriteConflict' }), 'again'],
    ['a write conflict at COMMIT', clientFailure('P2034'), 'again'],
  ])('%s is judged as that of the driver', (_, error, expected) => {
    expect(judgeFailure(prismaFailure(error))).toBe(expected);
  });

  it.each([
    ['a server that is not there', rawFailure({ kind: 'DatabaseNotReachable' })],
    ['a connection that broke', rawFailure({ kind: 'ConnectionClosed' })],
    [
      'a connection that broke, by the number of the driver for MariaDB',
      rawFailure({ originalCode: '45009', kind: 'mysql' }),
    ],
    ['an adapter that failed to begin', Object.assign(new Error('x'), { cause: { kind: 'SocketTimeout' } })],
    ['no free connection', clientFailure('P2028', 'Unable to start a transaction in the given time.')],
    ['one that the driver says in words only', clientFailure('P2010', 'Message: `Connection terminated unexpectedly`')],
  ])('%s may pass', (_, error) => {
    expect(judgeFailure(prismaFailure(error))).toMatchObject({ code: 'STORE_UNAVAILABLE', retryable: true });
  });

  it('leaves what is none of its own alone', () => {
    for (const error of [new TypeError('ours'), 'text', undefined, Object.assign(new Error('x'), { cause: 'y' })]) {
      expect(prismaFailure(error)).toBe(error);
    }
  });
});

describe('Drizzle', () => {
  it('unwraps what the driver said, and nothing else', () => {
    const cause = Object.assign(new Error('deadlock'), { code: '40P01' });
    expect(drizzleFailure(Object.assign(new Error('Failed query'), { query: 'SELECT', params: [], cause }))).toBe(
      cause,
    );
    for (const error of [new Error('ours', { cause }), undefined, 'text']) expect(drizzleFailure(error)).toBe(error);
  });

  it.each([
    ['pg', { rows: [{ id: 1 }] }, [{ id: 1 }]],
    ['pg without rows', { rows: [], rowCount: 3 }, []],
    ['postgres.js', Object.assign([{ id: 1 }, { id: 2 }], { count: 2 }), [{ id: 1 }, { id: 2 }]],
    ['mysql2', [[{ id: 1 }], [{ name: 'id' }]], [{ id: 1 }]],
    ['mysql2 without rows', [[], [{ name: 'id' }]], []],
    ['mysql2 after a change', [{ affectedRows: 1 }, undefined], []],
  ])('finds the rows of %s', (_, result, rows) => {
    expect([...rowsOf(result)]).toEqual(rows);
  });
});
