/**
 * The arguments with a negative number joined to its option, as in `--seed=-5`: parseArgs takes it for another option, and
 * whoever reads the value can say what it must be.
 */
export function joinedValues(args: readonly string[]): string[] {
  const joined: string[] = [];
  for (const arg of args) {
    const before = joined.at(-1);
    if (/^-\d/.test(arg) && before !== undefined && /^--[a-z-]+$/.test(before)) joined.push(`${joined.pop()}=${arg}`);
    else joined.push(arg);
  }
  return joined;
}
