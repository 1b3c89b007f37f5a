import { TidingsError } from '@tidings/core/spec';
import type { Cell } from './statement.ts';
import type { Column, ColumnType } from './tables.ts';

// What every database must refuse alike, checked before any of them sees it.

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const longest: Partial<Record<ColumnType, number>> = { key: 255, token: 512 };

// a session that is not strict would keep the nearest number that fits
const largest: Partial<Record<ColumnType, number>> = { scope: 2 ** 31 - 1, count: 2 ** 31 - 1, small: 2 ** 15 - 1 };

/** A lower-case UUID; no row has any other id. */
export const isId = (value: string): boolean => uuid.test(value);

/** No half of a surrogate pair stands alone in it. */
export const isWellFormed = (text: string): boolean => (text as string & { isWellFormed(): boolean }).isWellFormed();

/** The 16 bytes of an id. */
export const idBytes = (id: string): Buffer => Buffer.from(id.replaceAll('-', ''), 'hex');

/** A value of a column, words turned into their codes; throws `STORE_REFUSED` where no database would keep it intact. */
export function checkCell(column: Column, value: unknown): Cell {
  if (value === null) {
    if (!column.nullable) throw refused(column, 'is missing');
    return null;
  }
  if (column.codes) {
    const code = column.codes.indexOf(value as string);
    if (code < 0) throw refused(column, 'is none of the words it may be');
    return code;
  }
  switch (column.type) {
    case 'id':
      if (typeof value !== 'string' || !isId(value)) throw refused(column, 'is not a lower-case UUID');
      return value;
    case 'hash':
      if (!(value instanceof Uint8Array) || value.length !== 32) throw refused(column, 'is not 32 bytes');
      return value;
    case 'key':
    case 'token':
    case 'text':
    case 'timeline':
      return checkText(column, value);
    default:
      if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw refused(column, 'is not a whole number');
      if (Math.abs(value) > (largest[column.type] ?? value)) throw refused(column, 'is too large a number');
      return value;
  }
}

function checkText(column: Column, value: unknown): string {
  if (typeof value !== 'string') throw refused(column, 'is not a string');
  if (value.includes('\0')) throw refused(column, 'holds a NUL character, which not every database keeps');
  if (!isWellFormed(value)) {
    throw refused(column, 'holds half of a surrogate pair, which no database keeps');
  }
  const limit = longest[column.type];
  return limit === undefined ? value : checkLength(column, value, limit);
}

/** The text, where it has no more bytes than that. */
export function checkLength(column: Column, value: string, limit: number): string {
  // a code unit has at most three bytes
  if (value.length * 3 > limit && Buffer.byteLength(value) > limit) {
    throw refused(column, `is longer than ${limit} bytes`);
  }
  return value;
}

function refused(column: Column, why: string): TidingsError {
  return new TidingsError('STORE_REFUSED', `The value of ${column.property} ${why}; nothing was written.`, {
    path: column.property,
  });
}
