import { TidingsError } from '@tidings/core/spec';
import { noConnection } from './drivers/no-connection.ts';
import { Busy, CommitUnanswered, GuardFailed, NoAnswer } from './statement.ts';

/** What to do about a failure: decide again on fresh facts, run the same again, or give up with an error. */
export type Failure = 'conflict' | 'again' | TidingsError;

interface DriverError {
  readonly code?: unknown;
  readonly errno?: unknown;
  readonly errcode?: unknown;
  readonly message?: unknown;
}

/** Judges what any of the drivers threw. Messages of drivers may hold values, so ours never repeat them. */
export function judgeFailure(error: unknown): Failure {
  if (error instanceof GuardFailed) return 'conflict';
  if (error instanceof Busy) return 'again';
  if (error instanceof CommitUnanswered) return unanswered(error.cause);
  if (error instanceof NoAnswer) return unavailable(error, 'no answer');
  if (TidingsError.is(error)) return error as TidingsError;
  if (typeof error !== 'object' || error === null) return failed(error, 'unknown');
  const { code, errno, errcode } = error as DriverError;
  if (typeof errcode === 'number') return sqlite(error, errcode);
  if (typeof code === 'string' && code.startsWith('SQLITE_'))
    return sqlite(error, sqliteCodes[code] ?? sqliteBase(code));
  if (typeof code === 'string' && connectionCodes.has(code)) return unavailable(error, code);
  if (typeof errno === 'number' && errno > 1000) return mysql(error, errno);
  if (typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code)) return postgres(error, code);
  const message = String((error as DriverError).message ?? '');
  if (exhaustedMessages.includes(message)) return noConnection(undefined, error);
  if (connectionMessages.some((part) => message.includes(part))) return unavailable(error, 'connection');
  return failed(error, typeof code === 'string' ? code : 'unknown');
}

/**
 * Whether the connection is gone, or is no longer to be trusted: what was sent last may have been carried out all the
 * same.
 */
export function endsConnection(error: unknown): boolean {
  if (error instanceof NoAnswer) return true;
  if (typeof error !== 'object' || error === null) return false;
  const { code, errno, message } = error as DriverError;
  if (typeof code === 'string' && connectionCodes.has(code)) return true;
  if (typeof errno === 'number' && mysqlConnection.has(errno)) return true;
  if (typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code)) {
    return code.startsWith('08') || /^57P0[1-5]$/.test(code) || code === '40003' || /^25P0[34]$/.test(code);
  }
  return connectionMessages.some((part) => String(message ?? '').includes(part));
}

/** Whether a lock was waited for too long: PostgreSQL's and MariaDB's own word for it. */
export function isLockTimeout(error: unknown): boolean {
  const { code, errno } = (typeof error === 'object' && error !== null ? error : {}) as DriverError;
  return code === '55P03' || errno === 1205;
}

function postgres(error: unknown, code: string): Failure {
  if (code === '23505' || code === '22012') return 'conflict';
  if (code === '40001' || code === '40P01' || code === '55P03') return 'again';
  const family = code.slice(0, 2);
  if (family === '22' || family === '23' || family === '54') return refused(error, code);
  if (code === '53100') return full(error, code);
  if (unavailableFamilies.has(family) || unavailableCodes.has(code)) return unavailable(error, code);
  if (code === '28000' || code === '28P01') return login(error, code);
  if (code === '3D000') return noDatabase(error, code);
  if (code === '3F000') return noSchema(error, code);
  if (code === '42501') return noRight(error, code);
  if (code === '26000' || code === '42P05') return unprepared(error, code);
  if (code === '42P01' || code === '42703') return missingTables(error, code);
  return failed(error, code);
}

const unavailableFamilies: ReadonlySet<string> = new Set(['08', '53', '57', '58']);
// a read-only server, an unknown outcome, a transaction that idled or lasted too long
const unavailableCodes: ReadonlySet<string> = new Set(['25006', '40003', '25P03', '25P04']);

function mysql(error: unknown, errno: number): Failure {
  if (errno === 1062) return 'conflict';
  if (errno === 1213 || errno === 1205 || errno === 1020) return 'again';
  if (mysqlRefusals.has(errno)) return refused(error, String(errno));
  if (errno === 1021 || errno === 1114) return full(error, String(errno));
  if (mysqlUnavailable.has(errno)) return unavailable(error, String(errno));
  if (errno === 1045 || errno === 1698) return login(error, String(errno));
  if (errno === 1049) return noDatabase(error, String(errno));
  if (errno === 1044 || errno === 1142) return noRight(error, String(errno));
  if (errno === 1243) return unprepared(error, String(errno));
  if (errno === 1146 || errno === 1054) return missingTables(error, String(errno));
  return failed(error, String(errno));
}

function sqlite(error: unknown, errcode: number): Failure {
  const base = errcode & 0xff;
  if (errcode === 2067 || errcode === 1555) return 'conflict';
  if (base === 5 || base === 6) return 'again';
  if (base === 18 || base === 19 || base === 20) return refused(error, String(errcode));
  if (base === 13) return full(error, String(errcode));
  // these may pass
  if (base === 10) return unavailable(error, String(errcode));
  if (base === 14) return cannotOpen(error, String(errcode));
  if (base === 8) return readOnly(error, String(errcode));
  if (base === 26) return noSqlite(error, String(errcode));
  if (base === 1 && /no such (table|column)/.test(String((error as DriverError).message))) {
    return missingTables(error, String(errcode));
  }
  return failed(error, String(errcode));
}

const sqliteCodes: Readonly<Record<string, number>> = {
  SQLITE_CONSTRAINT_UNIQUE: 2067,
  SQLITE_CONSTRAINT_PRIMARYKEY: 1555,
};

function sqliteBase(code: string): number {
  const bases = { BUSY: 5, LOCKED: 6, READONLY: 8, IOERR: 10, CORRUPT: 11, FULL: 13, CANTOPEN: 14, TOOBIG: 18 };
  const more = { CONSTRAINT: 19, MISMATCH: 20, NOTADB: 26, ERROR: 1 };
  const found = Object.entries({ ...bases, ...more }).find(([name]) => code.startsWith(`SQLITE_${name}`));
  return found?.[1] ?? 1;
}

const connectionCodes: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EPIPE',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT',
  'ERR_STREAM_DESTROYED',
  'ERR_SOCKET_CLOSED',
  'PROTOCOL_CONNECTION_LOST',
  'PROTOCOL_ENQUEUE_AFTER_FATAL_ERROR',
  'PROTOCOL_SEQUENCE_TIMEOUT',
  'POOL_CLOSED',
]);

// pools that waited as long as they were told to
const exhaustedMessages: readonly string[] = [
  'timeout exceeded when trying to connect',
  'No connections available.',
  'Queue limit reached.',
];

// drivers that say it in words only
const connectionMessages: readonly string[] = [
  'Connection terminated',
  'connection error and is not queryable',
  'closed and is not queryable',
  'timeout exceeded when trying to connect',
  'Query read timeout',
  'Cannot use a pool after calling end',
  'Pool is closed',
  'Connection lost',
  "Can't add new command when connection is in closed state",
  'database is not open',
  'driver has already been destroyed',
];

const mysqlRefusals: ReadonlySet<number> = new Set([
  1048, 1118, 1153, 1263, 1264, 1265, 1292, 1300, 1364, 1366, 1367, 1406, 1411, 1441, 1451, 1452, 1690, 3140, 3819,
  4025, 4037, 4038,
]);
const mysqlUnavailable: ReadonlySet<number> = new Set([
  1037, 1038, 1040, 1041, 1053, 1077, 1079, 1080, 1129, 1158, 1159, 1160, 1161, 1203, 1226, 1290, 1317, 1836, 1927,
  1969, 2002, 2003, 2006, 2013, 3024, 3100, 1180,
]);
// the server stops, the connection was killed, broken or timed out, an error while committing
const mysqlConnection: ReadonlySet<number> = new Set([
  1053, 1077, 1079, 1080, 1158, 1159, 1160, 1161, 1180, 1317, 1927, 2002, 2003, 2006, 2013,
]);

const details = (code: string): Readonly<Record<string, unknown>> => ({ databaseCode: code });

function refused(cause: unknown, code: string): TidingsError {
  return new TidingsError('STORE_REFUSED', `The database refused a value (${code}); nothing was written.`, {
    cause,
    details: details(code),
  });
}

function unavailable(cause: unknown, code: string): TidingsError {
  return new TidingsError('STORE_UNAVAILABLE', `The database cannot be reached or did not answer (${code}).`, {
    cause,
    retryable: true,
    details: details(code),
  });
}

function unanswered(cause: unknown): TidingsError {
  const code = String((cause as DriverError | undefined)?.code ?? 'connection');
  return new TidingsError(
    'STORE_UNAVAILABLE',
    `The connection ended while the database committed (${code}): whether it did is unknown.`,
    { cause, retryable: true, details: { ...details(code), outcome: 'unknown' } },
  );
}

function full(cause: unknown, code: string): TidingsError {
  return new TidingsError('STORE_UNAVAILABLE', `The database has no room left (${code}); nothing was written.`, {
    cause,
    retryable: true,
    details: { ...details(code), full: true },
  });
}

function cannotOpen(cause: unknown, code: string): TidingsError {
  return new TidingsError(
    'STORE_UNAVAILABLE',
    `The SQLite file cannot be opened (${code}). Its folder must exist, and this process must be allowed to write there.`,
    { cause, retryable: true, details: details(code) },
  );
}

const missingTables = mend(
  'A table or column is missing',
  'Run store.migrate() with a user that may create tables, and use the same prefix and schema everywhere.',
);
const unprepared = mend(
  'A prepared statement was lost',
  'Behind a pooler that does not keep them, make the store with `prepare: false`.',
);
const login = mend(
  'The database refused the login',
  'Correct user and password of the connection, or let the server take that user from this machine.',
);
const noDatabase = mend(
  'There is no database of that name',
  'Create it, or correct the name in the connection or in the `schema` of the store.',
);
const noSchema = mend('There is no schema of that name', 'Create it, or correct the `schema` of the store.');
const noRight = mend(
  'The user of the connection lacks a right',
  'Grant it what the cause names; store.migrate() needs a user that may create tables.',
);
const readOnly = mend(
  'The SQLite database cannot be written',
  'Let this process write to the file and its folder, and open no handle as read-only.',
);
const noSqlite = mend(
  'The file is no SQLite database',
  'Give the path of another one, or of one that is not there yet.',
);

/** A failure that stays until somebody mends it, and how. */
function mend(what: string, how: string): (cause: unknown, code: string) => TidingsError {
  return (cause, code) =>
    new TidingsError('STORE_FAILED', `${what} (${code}). ${how}`, { cause, details: details(code) });
}

function failed(cause: unknown, code: string): TidingsError {
  return new TidingsError('STORE_FAILED', `The database failed (${code}); the cause has its own message.`, {
    cause,
    details: details(code),
  });
}
