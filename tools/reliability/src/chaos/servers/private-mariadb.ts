import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort, type PrivateServer, privateServer } from './private-server.ts';

const run = promisify(execFile);

/** A MariaDB with data of its own in `folder`. Its crash is SIGKILL. */
export async function privateMariadb(folder: string): Promise<PrivateServer> {
  const { createConnection } = await import('mysql2/promise');
  const data = join(folder, 'mariadb');
  const port = await freePort();
  await mkdir(data);
  const user = process.getuid?.() === 0 ? ['--user=root'] : [];
  await run('mariadb-install-db', [
    '--no-defaults',
    `--datadir=${data}`,
    '--auth-root-authentication-method=normal',
    '--skip-test-db',
    ...user,
  ]);
  const url = `mysql://root@127.0.0.1:${port}/mysql`;
  return privateServer({
    command: 'mariadbd',
    args: [
      '--no-defaults',
      `--datadir=${data}`,
      `--socket=${join(data, 'socket')}`,
      `--port=${port}`,
      '--bind-address=127.0.0.1',
      ...user,
    ],
    crash: 'SIGKILL',
    url,
    async answers() {
      const connection = await createConnection(url);
      await connection.query('CREATE DATABASE IF NOT EXISTS chaos');
      await connection.end();
    },
  });
}
