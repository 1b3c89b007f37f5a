import { chooseDatabases } from '../../../scripts/databases.ts';
import type { Servers } from './describe-machine.ts';

const variables = [
  ['postgres', 'TIDINGS_POSTGRES_URL'],
  ['mariadb', 'TIDINGS_MARIADB_URL'],
  ['redis', 'TIDINGS_REDIS_URL'],
] as const;

/** What the cases find in their environment, and which servers answer. A server named in TIDINGS_DATABASES must. */
export async function findServers(env: NodeJS.ProcessEnv): Promise<{ servers: Servers; env: NodeJS.ProcessEnv }> {
  const onCi = Boolean(env.CI) && env.CI !== 'false';
  const { env: chosen } = await chooseDatabases(env, onCi);
  const answering = chosen.TIDINGS_DATABASES?.split(',') ?? [];
  const servers = new Map<string, string>();
  for (const [name, variable] of variables) {
    const url = chosen[variable];
    if (url !== undefined && answering.includes(name)) servers.set(name, url);
  }
  return { servers, env: { ...env, ...chosen } };
}
