import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const script = fileURLToPath(new URL('../test/processes/loaded.ts', import.meta.url));

// Before Node 22.18 only a flag lets it read TypeScript.
const flags = process.features.typescript ? [] : ['--experimental-strip-types'];

/** What a process of its own has loaded and sent: here, other tests have loaded everything. */
async function run(mode: string): Promise<{ readonly packages: readonly string[]; readonly sent: readonly unknown[] }> {
  const args = [...flags, '--conditions=source', script, mode];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 30_000 });
  return JSON.parse(stdout);
}

// What this list gains, every host waits for when it starts.
const always = ['handlebars', 'p-queue', 'source-map', 'zod'];

test.concurrent('the core itself loads no large library that not every engine needs', { timeout: 40_000 }, async () => {
  expect((await run('import')).packages).toEqual(always);
});

test.concurrent.each([
  ['text', 'E.164 and mails with a text', []],
  ['html', 'a mail without a text', ['html-to-text']],
  ['function', 'a mail whose text a function may leave out', ['html-to-text']],
  ['possible', 'numbers that are checked', ['libphonenumber-js']],
  ['country', 'local numbers', ['libphonenumber-js']],
])('an engine loads what it needs: %s, %s', { timeout: 40_000 }, async (mode, _, needed) => {
  const { packages, sent } = await run(mode);
  expect(sent).toEqual([expect.objectContaining({ text: needed.includes('html-to-text') ? 'Hi you' : 'Hi' })]);
  const large = packages.filter((name) => ['html-to-text', 'libphonenumber-js'].includes(name));
  expect(large).toEqual(needed);
  expect(packages).toEqual(expect.arrayContaining(always));
});
