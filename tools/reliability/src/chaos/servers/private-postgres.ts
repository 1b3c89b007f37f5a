import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { chmod, chown, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort, type PrivateServer, privateServer } from './private-server.ts';

const run = promisify(execFile);
const debian = '/usr/lib/postgresql';

/** A PostgreSQL with a cluster of its own in `folder`, durable as the real one. Its crash is an immediate shutdown. */
export async function privatePostgres(folder: string): Promise<PrivateServer> {
  const { default: pg } = await import('pg');
  const data = join(folder, 'postgres');
  const port = await freePort();
  await mkdir(data);
  const user = await someoneElse('postgres');
  if (user) {
    // it must be able to come this far
    await chmod(folder, 0o711);
    await chown(data, user.uid, user.gid);
  }
  await run(program('initdb'), ['-D', data, '-A', 'trust', '-U', 'postgres', '--no-sync'], { ...user, cwd: '/' });
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  return privateServer({
    command: program('postgres'),
    args: ['-D', data, '-p', String(port), '-k', data, '-h', '127.0.0.1'],
    ...(user ? { user } : {}),
    crash: 'SIGQUIT',
    url,
    async answers() {
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      await client.end();
    },
  });
}

function program(name: string): string {
  const versions = existsSync(debian) ? readdirSync(debian).sort((one, other) => Number(other) - Number(one)) : [];
  return versions.map((version) => join(debian, version, 'bin', name)).find((path) => existsSync(path)) ?? name;
}

/** PostgreSQL refuses to run as root. */
async function someoneElse(name: string): Promise<{ uid: number; gid: number } | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const [uid, gid] = await Promise.all(
    ['-u', '-g'].map(async (flag) => Number((await run('id', [flag, name])).stdout)),
  );
  return { uid: Number(uid), gid: Number(gid) };
}
