import { chooseDatabases } from '../../../scripts/databases.ts';
import type { Servers } from './describe-machine.ts';

// the cases read these; the tests' name for a server counts for both
const variables = [
  ['postgres', 'TIDINGS_POSTGRES_URL', 'TIDINGS_BENCH_POSTGRES'],
  ['mariadb', 'TIDINGS_MARIADB_URL', 'TIDINGS_BENCH_MARIADB'],
  ['redis', 'TIDINGS_REDIS_URL', 'TIDINGS_BENCH_REDIS'],
] as const;

/** What the cases find in their environment, and which servers answer. A server named in TIDINGS_DATABASES must. */
export async function findServers(env: NodeJS.ProcessEnv): Promise<{ servers: Servers; env: NodeJS.ProcessEnv }> {
  const named = { ...env };
  for (const [, tests, bench] of variables) named[tests] = env[bench] || env[tests];
  const onCi = Boolean(env.CI) && env.CI !== 'false';
  const { env: chosen } = await chooseDatabases(named, onCi);
  const answering = chosen.TIDINGS_DATABASES?.split(',') ?? [];
  const servers = new Map<string, string>();
  const forCases = { ...env, ...chosen };
  for (const [name, tests, bench] of variables) {
    const url = chosen[tests];
    if (url === undefined || !answering.includes(name)) continue;
    servers.set(name, url);
    forCases[bench] = url;
  }
  return { servers, env: forCases };
}
