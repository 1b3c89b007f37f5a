import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from './free-port.ts';

const run = promisify(execFile);

/** A PostgreSQL server of one's own, that may be stopped. */
export interface PrivatePostgres {
  readonly url: string;
  start(): Promise<void>;
  /** `fast` rolls back and ends every connection; `immediate` is a crash. */
  stop(how: 'fast' | 'immediate'): Promise<void>;
  drop(): Promise<void>;
}

/** Where the server's programs are: `TIDINGS_POSTGRES_BIN`, or the newest that Debian installed; undefined: nowhere. */
export async function postgresPrograms(): Promise<string | undefined> {
  if (process.env.TIDINGS_POSTGRES_BIN) return process.env.TIDINGS_POSTGRES_BIN;
  const root = '/usr/lib/postgresql';
  const versions = await readdir(root).catch(() => []);
  const newest = versions.toSorted((a, b) => Number(b) - Number(a))[0];
  return newest === undefined ? undefined : join(root, newest, 'bin');
}

/** Makes a cluster in a temporary folder and starts it on a free port. */
export async function privatePostgres(programs: string): Promise<PrivatePostgres> {
  const folder = await mkdtemp(join(tmpdir(), 'tidings-postgres-'));
  // the server refuses to run as root
  const owner = process.getuid?.() === 0 ? await idsOf('postgres') : undefined;
  if (owner) await chown(folder, owner.uid, owner.gid);
  const who = owner ?? {};
  const data = join(folder, 'data');
  await run(join(programs, 'initdb'), ['-D', data, '-U', 'postgres', '-A', 'trust', '--no-sync'], {
    ...who,
    cwd: folder,
  });
  const port = await freePort();
  const settings = [
    '-c',
    `port=${port}`,
    '-c',
    'listen_addresses=127.0.0.1',
    '-c',
    `unix_socket_directories=${folder}`,
  ];
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  let server: ChildProcess | undefined;

  async function start(): Promise<void> {
    server = spawn(join(programs, 'postgres'), ['-D', data, ...settings], { ...who, cwd: folder, stdio: 'ignore' });
    const ready = ['-h', '127.0.0.1', '-p', String(port)];
    for (;;) {
      const is = await run(join(programs, 'pg_isready'), ready).then(
        () => true,
        () => false,
      );
      if (is) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async function stop(how: 'fast' | 'immediate'): Promise<void> {
    if (!server) return;
    const ended = once(server, 'exit');
    server.kill(how === 'fast' ? 'SIGINT' : 'SIGQUIT');
    await ended;
    server = undefined;
  }

  await start();
  return {
    url,
    start,
    stop,
    async drop() {
      await stop('immediate');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function idsOf(user: string): Promise<{ uid: number; gid: number }> {
  const [uid, gid] = await Promise.all(['-u', '-g'].map((which) => run('id', [which, user])));
  return { uid: Number(uid?.stdout), gid: Number(gid?.stdout) };
}
