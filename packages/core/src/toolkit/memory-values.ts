import { TidingsError } from '../spec/index.ts';

// What a database would not take, or would give back changed, is refused here as well.

const uuidForm = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** A `STORE_REFUSED` that names the column and never the value. */
export function refusal(path: string, problem: string): TidingsError {
  return new TidingsError('STORE_REFUSED', `${path} ${problem}; nothing was written.`, { path });
}

/** Text of any length. */
export function text(value: unknown, path: string): string {
  if (typeof value !== 'string') throw refusal(path, 'is not a string');
  if (value.includes('\0')) throw refusal(path, 'has a NUL character in it');
  if (!(value as string & { isWellFormed(): boolean }).isWellFormed())
    throw refusal(path, 'is not well-formed Unicode');
  return value;
}

export function textOrNull(value: unknown, path: string): string | null {
  return value === null ? null : text(value, path);
}

/** Text that is part of a key, or indexed: its length is bounded, in bytes of UTF-8. */
export function keyText(value: unknown, path: string, most = 255): string {
  const checked = text(value, path);
  if (checked.length * 3 > most && Buffer.byteLength(checked) > most)
    throw refusal(path, `is longer than ${most} bytes`);
  return checked;
}

export function keyTextOrNull(value: unknown, path: string): string | null {
  return value === null ? null : keyText(value, path);
}

export function uuid(value: unknown, path: string): string {
  if (typeof value !== 'string' || !uuidForm.test(value)) throw refusal(path, 'is not a lower-case UUID');
  return value;
}

export function uuidOrNull(value: unknown, path: string): string | null {
  return value === null ? null : uuid(value, path);
}

export function whole(value: unknown, path: string): number {
  if (!Number.isSafeInteger(value)) throw refusal(path, 'is not a whole number');
  return value as number;
}

/** The time `offset` ms from `now`; null stays null. */
export function later(now: number, offset: unknown, path: string): number | null {
  return offset === null ? null : whole(now + whole(offset, path), path);
}

export function oneOf<const Value>(value: unknown, allowed: readonly Value[], path: string): Value {
  if (!allowed.includes(value as Value)) throw refusal(path, `is none of ${allowed.join(', ')}`);
  return value as Value;
}

/** A copy, so that nobody outside holds the bytes kept. */
export function hash(value: unknown, path: string): Uint8Array {
  if (!(value instanceof Uint8Array) || value.length !== 32) throw refusal(path, 'is not 32 bytes');
  return new Uint8Array(value);
}

/** Bytes as a key of a map; orders as the bytes do. */
export function hashKey(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}
