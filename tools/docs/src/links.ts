import { existsSync, statSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { root } from './pages.ts';
import type { Page } from './read-page.ts';

/** The relative links of a page that lead nowhere, each with its line. */
export function brokenLinks(page: Page, all: ReadonlyMap<string, Page>): readonly string[] {
  const broken: string[] = [];
  for (const [index, line] of page.prose.split('\n').entries()) {
    // what stands in backticks is code
    for (const [, target = ''] of line.replaceAll(/`[^`]*`/g, '').matchAll(/\]\(([^()\s]+)\)/g)) {
      if (/^[a-z]+:/i.test(target)) continue;
      const problem = problemOf(target, page, all);
      if (problem) broken.push(`${page.path}:${index + 1}: ${target} ${problem}`);
    }
  }
  return broken;
}

function problemOf(target: string, page: Page, all: ReadonlyMap<string, Page>): string | undefined {
  const [file = '', anchor] = target.split('#');
  const path = file === '' ? page.path : normalize(join(dirname(page.path), file)).replaceAll('\\', '/');
  if (path.startsWith('..') || !existsSync(join(root, path))) return 'is not there';
  if (anchor === undefined || statSync(join(root, path)).isDirectory()) return undefined;
  const linked = all.get(path);
  return linked && !anchorsOf(linked).has(anchor) ? `has no heading #${anchor}` : undefined;
}

/** The anchors that headings get where the documentation is shown. */
function anchorsOf(page: Page): ReadonlySet<string> {
  const anchors = new Set<string>();
  for (const [, heading = ''] of page.prose.matchAll(/^#{1,6} (.+)$/gm)) {
    const slug = heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(' ', '-');
    let anchor = slug;
    for (let count = 1; anchors.has(anchor); count += 1) anchor = `${slug}-${count}`;
    anchors.add(anchor);
  }
  return anchors;
}
