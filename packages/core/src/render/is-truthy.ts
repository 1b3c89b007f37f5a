/** Truth as `{{#if}}` sees it: as in JavaScript, but an empty list is false too. */
export function isTruthy(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : Boolean(value);
}
