import type { StoredTimelineEntry } from '@tidings/core/spec';
import type { RawRow } from './statement.ts';
import type { Column, Table } from './tables.ts';

// Rows as drivers give them → rows of the spec. Nothing relies on how a driver was configured to parse.

/** The row of a table found under `prefix` in what a driver gave. */
export function decodeRow<Row>(table: Table, raw: RawRow, prefix = ''): Row {
  const row: Record<string, unknown> = {};
  for (const column of table.columns) {
    if (!column.hidden) row[column.property] = decodeCell(column, raw[prefix + column.name]);
  }
  return row as Row;
}

function decodeCell(column: Column, value: unknown): unknown {
  if (value === null || value === undefined) return null;
  switch (column.type) {
    case 'id':
      return decodeId(value);
    case 'hash':
      return decodeBytes(value);
    case 'timeline':
      return decodeTimeline(decodeText(value));
    case 'key':
    case 'token':
    case 'text':
      return decodeText(value);
    default:
      return column.codes ? column.codes[Number(value)] : Number(value);
  }
}

/** A UUID, lower case. */
export function decodeId(value: unknown): string {
  if (typeof value === 'string') return value;
  const hex = bytes(value).toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** Text, which a binary column gives as bytes. */
export function decodeText(value: unknown): string {
  return typeof value === 'string' ? value : bytes(value).toString('utf8');
}

function decodeBytes(value: unknown): Uint8Array {
  // PostgreSQL's text form of bytea, when the host's pool does not parse it
  if (typeof value === 'string') return new Uint8Array(Buffer.from(value.slice(2), 'hex'));
  return new Uint8Array(bytes(value));
}

function decodeTimeline(text: string): readonly StoredTimelineEntry[] {
  if (text === '') return [];
  try {
    return JSON.parse(`[${text.trimEnd().replaceAll('\n', ',')}]`);
  } catch {
    return text.trimEnd().split('\n').map(decodeLine);
  }
}

/** A line that somebody damaged by hand must not keep its message, and all claimed with it, from being read. */
function decodeLine(line: string): StoredTimelineEntry {
  try {
    const entry: unknown = JSON.parse(line);
    if (typeof entry === 'object' && entry !== null) return entry as StoredTimelineEntry;
  } catch {
    // said below
  }
  return { event: 'unreadable', at: 0 };
}

function bytes(value: unknown): Buffer {
  if (Buffer.isBuffer(value)) return value;
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  if (value instanceof ArrayBuffer) return Buffer.from(value);
  throw new TypeError(`Expected bytes from the database driver, got ${typeof value}.`);
}
