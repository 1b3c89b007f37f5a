import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Starts a program of this folder in a process of its own, its order in the environment. */
export function startProgram(script: string, variable: string, order: unknown, folder: string): ChildProcess {
  // before Node 22.18 only a flag lets it read TypeScript
  const flags = process.features.typescript ? [] : ['--experimental-strip-types'];
  return fork(fileURLToPath(new URL(script, import.meta.url)), [], {
    execArgv: [...flags, '--no-warnings', '--conditions=source'],
    // a worker is started a hundred times in a run
    env: { ...process.env, NODE_COMPILE_CACHE: join(folder, 'compiled'), [variable]: JSON.stringify(order) },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
}

/** The first thing a program tells; rejects when it ends before. */
export async function firstReport<Report>(child: ChildProcess, name: string): Promise<Report> {
  const ended = once(child, 'exit').then(([code, signal]) => {
    throw new Error(`The ${name} ended with ${signal ?? code} before it was ready.`);
  });
  const [report] = await Promise.race([once(child, 'message'), ended as Promise<never>]);
  return report as Report;
}

/** Ends what was started for a run; what has ended already stays so. */
export async function endProgram(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}
