import { type Json, plainJson } from './plain-json.ts';

/**
 * JSON that is the same text for the same value, whatever the order of its keys.
 *
 * @throws TidingsError `VALIDATION_ERROR` for what JSON would lose, with its path below `path`.
 */
export function canonicalJson(value: unknown, path = 'value'): string {
  return writePlain(value, 0) ?? write(plainJson(value, path) ?? null);
}

/** The same for an object, some of whose fields are in canonical form already: `texts`, by their names. */
export function canonicalFields(
  fields: Readonly<Record<string, unknown>>,
  texts: Readonly<Record<string, string>>,
): string {
  const all: Record<string, string> = { ...texts };
  for (const [key, value] of Object.entries(fields)) if (value !== undefined) all[key] = canonicalJson(value, key);
  const written = Object.keys(all).sort();
  return `{${written.map((key) => `${JSON.stringify(key)}:${all[key]}`).join(',')}}`;
}

// Deeper than this the long way decides, which also says where.
const quickDepth = 20;

/** The text of what is plain already, as nearly everything is; undefined where a closer look is needed. */
function writePlain(value: unknown, depth: number): string | undefined {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : undefined;
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (value === null) return 'null';
  if (typeof value !== 'object' || depth === quickDepth) return undefined;
  return Array.isArray(value) ? writeList(value, depth + 1) : writeObject(value, depth + 1);
}

function writeList(list: readonly unknown[], depth: number): string | undefined {
  let text = '';
  for (let index = 0; index < list.length; index += 1) {
    const item = writePlain(list[index], depth);
    if (item === undefined) return undefined;
    text += index === 0 ? item : `,${item}`;
  }
  return `[${text}]`;
}

function writeObject(value: object, depth: number): string | undefined {
  const prototype: unknown = Object.getPrototypeOf(value);
  if ((prototype !== Object.prototype && prototype !== null) || 'toJSON' in value) return undefined;
  let text = '';
  for (const key of Object.keys(value).sort()) {
    const field = (value as Record<string, unknown>)[key];
    if (field === undefined) continue;
    const item = key === '__proto__' ? undefined : writePlain(field, depth);
    if (item === undefined) return undefined;
    text += text === '' ? `${JSON.stringify(key)}:${item}` : `,${JSON.stringify(key)}:${item}`;
  }
  return `{${text}}`;
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
