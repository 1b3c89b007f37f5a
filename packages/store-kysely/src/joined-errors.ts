import { TidingsError } from '@tidings/core/spec';
import { judgeFailure } from './driver-errors.ts';
import { Thrown } from './rerun.ts';
import { GuardFailed } from './statement.ts';
import { notTransaction } from './transaction.ts';

/** The codes drivers give their errors, wherever a library around them has put the error. */
export interface DriverCodes {
  readonly code?: unknown;
  readonly errno?: unknown;
  readonly errcode?: unknown;
  readonly message?: unknown;
}

/** Libraries wrap the driver's error this deep at most. */
const deepest = 5;

/** The driver's own error: the innermost one that carries a code of a database. */
export function driverError(error: unknown): DriverCodes {
  let found = error as DriverCodes;
  let at: unknown = error;
  for (let depth = 0; depth < deepest && typeof at === 'object' && at !== null; depth += 1) {
    const { code, errno, errcode } = at as DriverCodes;
    if (typeof errcode === 'number' || typeof errno === 'number' || typeof code === 'string') found = at as DriverCodes;
    const { cause, driverError, originalError } = at as Readonly<Record<string, unknown>>;
    at = cause ?? driverError ?? originalError;
  }
  return (typeof found === 'object' && found !== null ? found : {}) as DriverCodes;
}

/** Whether a failure means that somebody else was first. */
export const isConflict = (error: unknown): boolean =>
  error instanceof GuardFailed || (!(error instanceof Thrown) && judgeFailure(driverError(error)) === 'conflict');

/** What the host is told of a failure inside its transaction; `undone`: nothing of ours is left in it. */
export function hostError(error: unknown, undone: boolean, library = ''): TidingsError {
  if (error instanceof Thrown) return error.error as TidingsError;
  if (TidingsError.is(error)) return error;
  const own = error instanceof GuardFailed ? error : driverError(error);
  const { code, errno } = own as DriverCodes;
  if (code === '25P01' || errno === 1305) return notOpen(library, error);
  if (code === '25P02') return hasFailed(error);
  if (isMissingTable(own as DriverCodes)) return elsewhere(error);
  const failure = judgeFailure(own);
  const left = undone ? '' : ' The transaction cannot go on, or the database has rolled it back already.';
  if (failure === 'conflict' || raced(own)) {
    return new TidingsError(
      'STORE_CONFLICT',
      `Another transaction was first. Roll this transaction back and run it again whole.${left}`,
      { cause: error, retryable: true, details: { ...detailsOf(own), undone } },
    );
  }
  if (failure === 'again') {
    return new TidingsError(
      'STORE_BUSY',
      `A lock was not to be had inside the host's transaction. Roll it back and run it again; on SQLite begin with BEGIN IMMEDIATE.${left}`,
      { cause: error, retryable: true, details: { ...detailsOf(own), undone } },
    );
  }
  if (undone) return failure.cause === error ? failure : copyOf(failure, failure.message, error, undone);
  return copyOf(failure, `${failure.message}${left}`, error, undone);
}

function copyOf(failure: TidingsError, message: string, cause: unknown, undone: boolean): TidingsError {
  const { code, retryable, details } = failure;
  return new TidingsError(code, message, { cause, retryable, details: { ...details, undone } });
}

const races: ReadonlySet<unknown> = new Set(['40001', '40P01', 1213, 1020]);
const raced = ({ code, errno }: DriverCodes): boolean => races.has(code) || races.has(errno);

function detailsOf({ code, errno, errcode }: DriverCodes): Readonly<Record<string, unknown>> {
  const databaseCode = errcode ?? (typeof errno === 'number' && errno > 0 ? errno : code);
  return databaseCode === undefined ? {} : { databaseCode: String(databaseCode) };
}

/** The error for a connection that is in no transaction. */
export const notOpen = (library: string, cause?: unknown): TidingsError =>
  notTransaction(
    `must be open: this connection${library === '' ? '' : ` of ${library}`} is in no transaction. Begin one first and pass what stands for it`,
    cause,
  );

/** The error for a transaction on other tables than the store's. */
export const elsewhere = (cause?: unknown): TidingsError =>
  notTransaction(
    'must be on the database, schema and prefix of the store, and begun after its tables were made: there are other tables or none where it looks',
    cause,
  );

const hasFailed = (cause: unknown): TidingsError =>
  notTransaction('must not have failed before: the database ignores all of it until it is rolled back', cause);

function isMissingTable({ code, errno, message }: DriverCodes): boolean {
  if (code === '42P01' || errno === 1146 || errno === 1046 || errno === 1049) return true;
  return typeof message === 'string' && message.startsWith('no such table');
}
