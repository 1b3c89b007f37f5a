/**
 * Reads an own property of data. Inherited properties, `__proto__` and functions give `undefined`, so nothing a payload
 * carries reaches a prototype or is ever called.
 */
export function ownValue(parent: unknown, name: string | number): unknown {
  if (parent === undefined || parent === null || name === '__proto__' || !Object.hasOwn(parent, name)) return undefined;
  const value = (parent as Record<string | number, unknown>)[name];
  return typeof value === 'function' ? undefined : value;
}
