import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Page, readPage } from './read-page.ts';

/** The root of the workspace. */
export const root: string = fileURLToPath(new URL('../../../', import.meta.url));

/** Where the documentation is. */
const patterns = ['*.md', 'docs/**/*.md', 'packages/*/README.md', 'examples/*/README.md', 'tools/*/README.md'];

/** Every page of the documentation, by path. */
export function pages(): readonly Page[] {
  return globSync(patterns, { cwd: root })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => !path.includes('node_modules/'))
    .sort()
    .map((path) => readPage(path, readFileSync(join(root, path), 'utf8')));
}

/** One page. */
export function page(path: string): Page {
  return readPage(path, readFileSync(join(root, path), 'utf8'));
}
