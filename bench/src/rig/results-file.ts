import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Results } from './results.ts';

const file = fileURLToPath(new URL('../../results.json', import.meta.url));

/** What was measured so far, or null. */
export function readResults(path: string = file): Results | null {
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Results) : null;
}

/** Writes all of it or nothing. */
export function writeResults(results: Results, path: string = file): void {
  const beside = `${path}.${process.pid}`;
  writeFileSync(beside, `${JSON.stringify(results, null, 2)}\n`);
  renameSync(beside, path);
}
