// Which databases the tests run on. Tests read TIDINGS_DATABASES and never probe for themselves.
import { connect } from 'node:net';

type Variables = Record<string, string | undefined>;

const servers = new Map([
  ['postgres', { variable: 'TIDINGS_POSTGRES_URL', url: 'postgres://postgres@127.0.0.1:5432/test', port: 5432 }],
  ['mariadb', { variable: 'TIDINGS_MARIADB_URL', url: 'mysql://root@127.0.0.1:3306/test', port: 3306 }],
  ['redis', { variable: 'TIDINGS_REDIS_URL', url: 'redis://127.0.0.1:6379', port: 6379 }],
]);
const known = ['memory', 'sqlite', ...servers.keys()];

/**
 * The environment for the tests, and what to tell about databases left out. A database named in TIDINGS_DATABASES must
 * answer. Without that list every database is wanted: under CI all must answer, elsewhere those that do not are left out.
 */
export async function chooseDatabases(
  variables: Variables,
  onCi: boolean,
): Promise<{ env: Record<string, string>; notes: string[] }> {
  const wanted = (variables.TIDINGS_DATABASES || known.join(',')).split(',').map((name) => name.trim());
  const mayLeaveOut = !variables.TIDINGS_DATABASES && !onCi;
  const unknown = wanted.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new Error(`TIDINGS_DATABASES names ${unknown.join(', ')}; it may hold ${known.join(', ')}`);
  }

  const env: Record<string, string> = {};
  const chosen: string[] = [];
  const notes: string[] = [];
  for (const name of wanted) {
    const server = servers.get(name);
    if (server) {
      const url = variables[server.variable] || server.url;
      env[server.variable] = url;
      if (!(await answers(new URL(url), server.port))) {
        const where = `${name} does not answer at ${new URL(url).host}`;
        const remedy = `start it, or set ${server.variable}`;
        if (!mayLeaveOut) throw new Error(`${where}: ${remedy}, or leave it out of TIDINGS_DATABASES.`);
        notes.push(`Left out: the tests on ${name}. ${where}; to run them, ${remedy}.`);
        continue;
      }
    }
    chosen.push(name);
  }
  return { env: { ...env, TIDINGS_DATABASES: chosen.join(',') }, notes };
}

function answers(url: URL, defaultPort: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: url.hostname, port: Number(url.port || defaultPort) });
    const settle = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(2000, () => settle(false));
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
  });
}
