import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Cell } from '../plan/plan.ts';
import type { Sample } from './sample.ts';

const program = fileURLToPath(new URL('./run-case.ts', import.meta.url));

/** Runs a cell once in a process of its own; rejects with what the process said when it fails or takes far too long. */
export function startCase(cell: Cell, env: NodeJS.ProcessEnv = process.env): Promise<Sample> {
  const flags = ['--no-warnings', '--conditions=source', ...(cell.gc ? ['--expose-gc'] : [])];
  const limitMs = Math.max(120, (cell.seconds ?? 6) * 4) * 1000;
  const child = spawn(process.execPath, [...flags, program, cell.module, JSON.stringify(cell.setting)], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env,
  });
  let output = '';
  let errors = '';
  let late = false;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output = (output + text).slice(-100_000);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-100_000);
  });
  const timer = setTimeout(() => {
    late = true;
    child.kill('SIGKILL');
  }, limitMs);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      if (late) reject(new Error(`not done after ${limitMs / 1000} s`));
      else if (code !== 0) reject(new Error(reasonIn(errors) ?? `ended with ${signal ?? code}`));
      else resolve(output);
    });
  }).then((text) => readSample(text as string));
}

/** The sample in the last line. */
export function readSample(output: string): Sample {
  const line = output.trim().split('\n').at(-1) ?? '';
  let sample: unknown;
  try {
    sample = JSON.parse(line);
  } catch {
    throw new Error(`its last line is no sample: ${line.slice(0, 200)}`);
  }
  const figures = typeof sample === 'object' && sample !== null ? Object.entries(sample) : [];
  const wrong = figures.find(([, figure]) => typeof figure !== 'number');
  if (figures.length === 0 || wrong) throw new Error(`its sample has no numbers: ${line.slice(0, 200)}`);
  return sample as Sample;
}

/** The line of a stack that says what happened. */
export function reasonIn(errors: string): string | undefined {
  const lines = errors.split('\n').map((line) => line.trim());
  return (
    lines.find((line) => /^(\w*Error\b|\[?\w*Error\b.*:)/.test(line)) ?? lines.filter((line) => line !== '').at(-1)
  );
}
