import { type Json, plainJson } from './plain-json.ts';

/**
 * JSON that is the same text for the same value, whatever the order of its keys.
 *
 * @throws TidingsError `VALIDATION_ERROR` for what JSON would lose, with its path below `path`.
 */
export function canonicalJson(value: unknown, path = 'value'): string {
  return write(plainJson(value, path) ?? null);
}

function write(value: Json): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (isList(value)) return `[${value.map(write).join(',')}]`;
  const fields = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${write(value[key] as Json)}`);
  return `{${fields.join(',')}}`;
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
