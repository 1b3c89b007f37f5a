import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { completeRun } from './scripts/complete-run.ts';
import { chooseDatabases } from './scripts/databases.ts';

const onCi = Boolean(process.env.CI) && process.env.CI !== 'false';
const effort = process.env.TIDINGS_EFFORT || (onCi ? 'ci' : 'quick');
// Another Node runs on the embedded databases alone, and says so by naming them; then what needs a server may be missing.
const limited = process.env.TIDINGS_DATABASES?.includes('postgres') === false;
const { env, notes } = await chooseDatabases(process.env, onCi);

const projects = ['packages', 'examples', 'tools']
  .flatMap((folder) => readdirSync(folder).map((name) => `${folder}/${name}`))
  .concat('bench')
  .filter((folder) => existsSync(`${folder}/package.json`))
  .map((folder) => ({
    extends: true as const,
    test: {
      name: String(JSON.parse(readFileSync(`${folder}/package.json`, 'utf8')).name),
      root: folder,
      // Its files change nothing that others see, and importing the core anew for each takes longer than testing it.
      ...(folder === 'packages/core' ? { isolate: false } : {}),
      include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
      typecheck: {
        enabled: true,
        include: ['src/**/*.test-d.ts', 'test/**/*.test-d.ts'],
        tsconfig: `${folder === 'bench' ? '..' : '../..'}/tsconfig.test.json`,
        // `npm run typecheck` reports these.
        ignoreSourceErrors: true,
      },
    },
  }));

export default defineConfig({
  resolve: { conditions: ['source'] },
  ssr: { resolve: { conditions: ['source'] } },
  test: {
    // Most tests wait for a database more than they compute, so that one for each core is not enough on small machines.
    // How long a test takes says how busy the machine is.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: Math.max(2, availableParallelism()),
    env: { ...env, TIDINGS_EFFORT: effort },
    reporters: ['default', completeRun(notes, onCi && !limited)],
    coverage: { provider: 'v8', include: ['packages/*/src/**'], exclude: ['**/*.test.ts', '**/*.test-d.ts'] },
    projects,
  },
});
