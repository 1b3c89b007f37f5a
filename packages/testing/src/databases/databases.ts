/** What a store can be tested on, and `redis`, which carries a queue. */
export type DatabaseName = 'memory' | 'sqlite' | 'postgres' | 'mariadb' | 'redis';

const known: readonly DatabaseName[] = ['memory', 'sqlite', 'postgres', 'mariadb', 'redis'];

/**
 * The databases to test on, as `TIDINGS_DATABASES` lists them. Default: all under CI, else those that need no server.
 * `among` are those the caller can test at all. Throws for a name it does not know.
 */
export function databases(among: readonly DatabaseName[] = known): readonly DatabaseName[] {
  const listed = process.env.TIDINGS_DATABASES;
  if (!listed) return among.filter((name) => process.env.CI || name === 'memory' || name === 'sqlite');
  const wanted = listed.split(',').map((name) => name.trim());
  for (const name of wanted) {
    if (!known.includes(name as DatabaseName)) {
      throw new Error(`TIDINGS_DATABASES names "${name}"; it may hold ${known.join(', ')}.`);
    }
  }
  return among.filter((name) => wanted.includes(name));
}

/** What to tell when a server cannot be used. */
export function unreachable(name: string, url: URL, variable: string, start: string, cause: unknown): Error {
  return new Error(
    `${name} cannot be used at ${url.host}: start it (${start}), set ${variable}, or leave it out of TIDINGS_DATABASES.`,
    { cause },
  );
}
