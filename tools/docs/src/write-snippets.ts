import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pages } from './pages.ts';
import { type Snippet, snippetsOf } from './snippets.ts';

/** Where the snippets are written: inside the workspace, so that its packages resolve. */
export const folder: string = fileURLToPath(new URL('../.snippets/', import.meta.url));

const preludes = new URL('../preludes/', import.meta.url);
const config = {
  extends: '../../../tsconfig.base.json',
  compilerOptions: {
    composite: false,
    declaration: false,
    declarationMap: false,
    sourceMap: false,
    isolatedDeclarations: false,
    rewriteRelativeImportExtensions: false,
    noEmit: true,
  },
  include: ['**/*.ts'],
};

/** Writes every snippet of the documentation to {@link folder}, which it empties first. */
export function writeSnippets(): readonly Snippet[] {
  rmSync(folder, { recursive: true, force: true });
  const snippets = pages().flatMap((page) => snippetsOf(page, (name) => readFileSync(new URL(name, preludes), 'utf8')));
  const taken = new Set<string>();
  for (const { path, text, block } of snippets) {
    if (taken.has(path)) throw new Error(`${block.page}:${block.line} gives a file a second time: ${path}.`);
    taken.add(path);
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config, undefined, 2));
  return snippets;
}
