import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './pages.ts';

/**
 * Names of the members of an interface, read from its source, those marked `@internal` left out; with `member`, of the
 * object type that this member has. Reads the form that the formatter gives, and fails when nothing is found.
 */
export function optionNames(file: string, name: string, member?: string): readonly string[] {
  const source = readFileSync(join(root, file), 'utf8');
  const whole = bodyAfter(source, new RegExp(`^(?:export )?interface ${name}\\b[^]*?\\{$`, 'm'), '');
  const body =
    member === undefined
      ? whole
      : bodyAfter(whole ?? '', new RegExp(`^  (?:readonly )?${member}\\??: \\{$`, 'm'), '  ');
  const names = body === undefined ? [] : membersOf(body, member === undefined ? '  ' : '    ');
  if (names.length === 0) throw new Error(`${file}: nothing was found of ${[name, member].join('.')}.`);
  return names;
}

/** What stands between the line that `opening` matches and the brace that ends it. */
function bodyAfter(source: string, opening: RegExp, indent: string): string | undefined {
  const found = opening.exec(source);
  if (!found) return undefined;
  const rest = source.slice(found.index + found[0].length);
  const end = rest.search(new RegExp(`^${indent}\\}`, 'm'));
  return end < 0 ? undefined : rest.slice(0, end);
}

function membersOf(body: string, indent: string): string[] {
  const names: string[] = [];
  let internal = false;
  for (const line of body.split('\n')) {
    if (line.startsWith(`${indent}/**`)) internal = false;
    internal ||= line.includes('@internal');
    const name = new RegExp(`^${indent}(?:readonly )?'?([A-Za-z][\\w.]*)'?\\??[:(]`).exec(line)?.[1];
    if (name === undefined) continue;
    if (!internal) names.push(name);
    internal = false;
  }
  return names;
}
