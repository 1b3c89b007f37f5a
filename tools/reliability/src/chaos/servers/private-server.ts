import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/** A server that a run starts for itself, strikes, and ends: never one that others use. */
export interface PrivateServer {
  readonly url: string;
  /** Ends as in a crash, and starts again on the same port and files. Resolves when it answers. */
  restart(): Promise<void>;
  end(): Promise<void>;
}

/** How to run a server in the foreground. */
export interface ServerProgram {
  readonly command: string;
  readonly args: readonly string[];
  /** What it runs as: some refuse to run as root. */
  readonly user?: { readonly uid: number; readonly gid: number };
  /** What ends it at once. */
  readonly crash: NodeJS.Signals;
  readonly url: string;
  /** Resolves when it answers a request; rejects when it does not yet. */
  answers(): Promise<void>;
}

const patienceMs = 30_000;

/** Starts a server and waits until it answers. */
export async function privateServer(program: ServerProgram): Promise<PrivateServer> {
  let child = await start(program);
  return {
    url: program.url,
    async restart() {
      await end(child, program.crash);
      child = await start(program);
    },
    end: () => end(child, 'SIGKILL'),
  };
}

async function start(program: ServerProgram): Promise<ChildProcess> {
  const { command, args, user } = program;
  const child = spawn(command, [...args], { ...user, stdio: ['ignore', 'ignore', 'ignore'] });
  let failed: unknown;
  child.on('error', (error) => {
    failed = error;
  });
  for (let waited = 0; waited < patienceMs; waited += 50) {
    if (failed !== undefined || child.exitCode !== null) {
      throw new Error(`${command} did not start; is it installed?`, { cause: failed });
    }
    try {
      await program.answers();
      return child;
    } catch {
      await wait(50);
    }
  }
  child.kill('SIGKILL');
  throw new Error(`${command} did not answer within ${patienceMs} ms.`);
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill(signal);
  await ended;
}

/** A port of 127.0.0.1 that nobody uses now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
