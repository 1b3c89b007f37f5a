import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const script = fileURLToPath(new URL('../test/processes/open.ts', import.meta.url));

// Before Node 22.18 only a flag lets it read TypeScript.
const flags = process.features.typescript ? [] : ['--experimental-strip-types'];

/** Runs the script until it ends by itself; gives how many calls were made. */
function run(mode: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const args = [...flags, '--conditions=source', script, mode];
    execFile(process.execPath, args, { timeout: 30_000 }, (error, stdout, stderr) => {
      if (error) reject(new Error(`It ended with ${error.signal ?? error.code}: ${stderr}`, { cause: error }));
      else resolve(Number(stdout.trim()));
    });
  });
}

// A process that hangs fails by the time limit of the child, which then says so.
test.concurrent.each([
  ['send', 30, 'open deliveries hold the process, idle polling does not'],
  ['drain', 30, 'a drain works off everything'],
  ['wait', 30, 'who waits for idle holds the process, also while a rate does'],
  ['idle', 0, 'an engine with nothing to do holds nothing'],
])('%s: %i calls: %s', { timeout: 40_000 }, async (mode, calls) => {
  expect(await run(mode)).toBe(calls);
});

test('stop: the running calls end, no other begins, and the process ends by itself', { timeout: 40_000 }, async () => {
  expect(await run('stop')).toBeGreaterThanOrEqual(5);
});
