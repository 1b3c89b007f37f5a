/** True for what a fallback replaces: `undefined`, `null` and the empty string. `false` and `0` are values. */
export function isMissing(value: unknown): boolean {
  return value === undefined || value === null || value === '';
}
