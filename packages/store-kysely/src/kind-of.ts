/** What was given, for a sentence such as "must be a pool, not a string"; never what the value says of itself. */
export function kindOf(given: unknown): string {
  if (given === undefined || given === null) return String(given);
  if (typeof given !== 'object') return `a ${typeof given}`;
  // it may hold a password
  const name: unknown = Object.getPrototypeOf(given)?.constructor?.name;
  if (typeof name !== 'string' || name === '' || name === 'Object') return 'a plain object';
  return `${/^[AEIOU]/i.test(name) ? 'an' : 'a'} ${name}`;
}
