import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A script in a process of its own. */
export interface Child {
  readonly process: ChildProcess;
  /** The next line it prints. */
  line(): Promise<string>;
  /** Sends it a line. */
  tell(text: string): void;
  /** Its exit code. */
  readonly ended: Promise<number>;
}

/** Starts a TypeScript script with arguments. */
export function startChild(script: URL, ...args: readonly string[]): Child {
  const path = fileURLToPath(script);
  // before Node 22.18 only a flag lets it read TypeScript
  const flags = process.features.typescript ? [] : ['--experimental-strip-types'];
  const child = spawn(process.execPath, [...flags, '--no-warnings', '--conditions=source', path, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit').then(([code]) => Number(code));
  const lines: string[] = [];
  const waiting: ((line: string) => void)[] = [];
  let rest = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\n');
    rest = parts.pop() ?? '';
    for (const line of parts) {
      const next = waiting.shift();
      if (next) next(line);
      else lines.push(line);
    }
  });
  return {
    process: child,
    line() {
      const line = lines.shift();
      if (line !== undefined) return Promise.resolve(line);
      return new Promise((resolve, reject) => {
        waiting.push(resolve);
        void ended.then((code) => reject(new Error(`${path} ended with ${code} before it printed a line.`)));
      });
    },
    tell: (text) => child.stdin.write(`${text}\n`),
    ended,
  };
}
