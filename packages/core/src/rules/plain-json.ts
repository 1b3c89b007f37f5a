import { TidingsError } from '../spec/index.ts';

const maxDepth = 100;

/** What JSON can hold. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/**
 * A copy of a value as JSON would hold it, without a prototype anyone could pollute: dates as ISO strings, bytes as base64,
 * `toJSON` honoured, `undefined` left out of objects and null in lists. Undefined when there is nothing to hold.
 *
 * @throws TidingsError `VALIDATION_ERROR` naming the path of what JSON would lose: NaN, infinities, bigints, functions,
 * symbols, maps, sets, `__proto__`, and more than 100 levels.
 */
export function plainJson(value: unknown, path: string, depth = 0): Json | undefined {
  switch (typeof value) {
    case 'undefined':
      return undefined;
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      if (Number.isFinite(value)) return Object.is(value, -0) ? 0 : value;
      throw refusal(path, 'is not a finite number');
    case 'bigint':
      throw refusal(path, 'is a bigint, which JSON cannot hold; give a number or a string');
    case 'function':
    case 'symbol':
      throw refusal(path, `is a ${typeof value}, which JSON cannot hold`);
  }
  if (value === null || value === undefined) return null;
  if (depth === maxDepth) throw refusal(path, `is nested deeper than ${maxDepth} levels or contains itself`);
  if (Array.isArray(value)) return value.map((item, index) => plainJson(item, `${path}[${index}]`, depth + 1) ?? null);
  return plainObject(value as object, path, depth);
}

function plainObject(value: object, path: string, depth: number): Json | undefined {
  if (value instanceof Date && Number.isNaN(value.getTime())) throw refusal(path, 'is an invalid date');
  if (value instanceof Uint8Array) {
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64');
  }
  if (value instanceof Map || value instanceof Set) throw refusal(path, 'is a Map or Set, which JSON cannot hold');
  if ('toJSON' in value && typeof value.toJSON === 'function') {
    return plainJson(value.toJSON(), path, depth + 1);
  }
  const copy: Record<string, Json> = Object.create(null);
  for (const key of Object.keys(value)) {
    const at = below(path, key);
    if (key === '__proto__') throw refusal(at, 'is no name a field may have');
    const item = plainJson((value as Record<string, unknown>)[key], at, depth + 1);
    if (item !== undefined) copy[key] = item;
  }
  return copy;
}

/** The path of a field, shortened where a key is long. */
export function below(path: string, key: string): string {
  const name = key.length > 64 ? `${key.slice(0, 64)}…` : key;
  return path === '' ? name : `${path}.${name}`;
}

function refusal(path: string, why: string): TidingsError {
  return new TidingsError(
    'VALIDATION_ERROR',
    `\`${path === '' ? 'value' : path}\` ${why}.`,
    path === '' ? {} : { path },
  );
}
