import { TidingsError } from '../spec/errors.ts';

/** Refuses an option of a definition. `owner` is the function that was called, `path` the option inside it. */
export function refuse(owner: string, path: string, problem: string): never {
  throw new TidingsError('CONFIGURATION_INVALID', `${owner}: ${path} ${problem}.`, { path });
}

/** An object literal or a record; no array, class instance or function. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** Refuses what is no plain object, and options it does not have. */
export function checkKeys(
  owner: string,
  path: string,
  value: unknown,
  known: readonly string[],
): asserts value is Record<string, unknown> {
  if (!isPlainObject(value)) refuse(owner, path, 'must be an object');
  for (const key of Object.keys(value)) {
    if (known.includes(key)) continue;
    const where = path === 'options' ? key : `${path}.${key}`;
    refuse(owner, where, `is no option; there are ${known.join(', ')}`);
  }
}

/** Names in a sentence: `email, sms`. */
export function listed(names: Iterable<string>): string {
  return [...names].join(', ') || 'none';
}

/** Refuses what is no Standard Schema. */
export function checkSchema(owner: string, path: string, value: unknown): void {
  const standard =
    (typeof value === 'object' && value !== null) || typeof value === 'function'
      ? (value as { '~standard'?: { version?: unknown; validate?: unknown } })['~standard']
      : undefined;
  if (standard?.version === 1 && typeof standard.validate === 'function') return;
  refuse(owner, path, 'must be a Standard Schema, such as one of zod, valibot or arktype');
}

/** Whether there is a text of at most `max` bytes and free of control characters. */
export function isLabel(value: unknown, max = 255): value is string {
  return (
    typeof value === 'string' && value.trim() !== '' && Buffer.byteLength(value) <= max && !/[\0-\x1f\x7f]/.test(value)
  );
}
