import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Runs a program of this folder to its end. */
export function runMain(
  program: 'simulation' | 'chaos',
  ...args: readonly string[]
): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  const main = fileURLToPath(new URL(`../src/${program}/main.ts`, import.meta.url));
  const flags = ['--no-warnings', '--conditions=source'];
  return new Promise((resolve) => {
    execFile(process.execPath, [...flags, main, ...args], (error, out, err) => {
      resolve({ code: error ? Number(error.code) : 0, out, err });
    });
  });
}
