// The one entry behind every `npm run`: node scripts/run.mjs <task> [arguments]
//
// Runs on Node 20 with nothing installed. Where the current Node or pnpm is not the one the workspace needs, it starts
// itself again under both through npx; then it installs what is missing and runs the task.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const windows = process.platform === 'win32';
const nodeWanted = '24';
const pnpmWanted = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).packageManager;
const onCi = Boolean(process.env.CI) && process.env.CI !== 'false';
const allDatabases = 'memory,sqlite,postgres,mariadb,redis';

const checks = {
  lint: [['biome', 'check', '--diagnostic-level=warn', '--error-on-warnings', '.']],
  typecheck: [
    ['tsc', '--build'],
    ['tsc', '--project', 'tsconfig.test.json'],
  ],
  arrows: [['node', 'scripts/arrows.mjs']],
  knip: [['knip', '--no-progress', '--no-config-hints']],
  publishable: [
    ['tsc', '--build'],
    ['node', 'scripts/publishable.mjs'],
  ],
};

const tasks = {
  start: (args) => all([['node', '--conditions=source', 'examples/quickstart/main.ts', ...args]]),
  test: async (args) => {
    const checked = await check();
    const tested = await all([['vitest', 'run', ...args]], onCi ? { TIDINGS_DATABASES: allDatabases } : {});
    if (checked !== 0) console.error('\nThe tests ran, but the checks before them failed: see above, or npm run check');
    return checked || tested;
  },
  verify: (args) => {
    process.env.TIDINGS_EFFORT = 'verify';
    return tasks.test(args);
  },
  'test:only': (args) => all([['vitest', ...(args.length > 0 ? args : ['run'])]]),
  'test:node': testOnNode,
  simulate: (args) => all([['node', '--conditions=source', 'tools/reliability/src/simulation/main.ts', ...args]]),
  chaos: (args) =>
    all([['node', '--no-warnings', '--conditions=source', 'tools/reliability/src/chaos/main.ts', ...args]]),
  bench: (args) => all([['node', '--no-warnings', '--conditions=source', 'bench/src/main.ts', ...args]]),
  coverage: (args) => all([['vitest', 'run', '--coverage', ...args]]),
  check,
  build: () => all([['tsc', '--build']]),
  fix: () => all([['biome', 'check', '--write', '.']]),
  changeset: (args) => all([['changeset', ...args]]),
  ...Object.fromEntries(Object.entries(checks).map(([name, commands]) => [name, () => all(commands)])),
};

// Every test of these needs a database server or a broker, so they need not be loaded where there is none.
const needServers = [
  '{backlog,contract,log}',
  'processes/*',
  '{contract,engine}-{postgres,mariadb}',
  '{prisma,drizzle,knex,typeorm}',
  '{faults,locked-row,lost-answers,pool,round-trips,server-restart,unknown-commit}',
];

const [task, ...args] = process.argv.slice(2);
if (!Object.hasOwn(tasks, task ?? '')) {
  console.error(`Unknown task ${JSON.stringify(task)}. There are: ${Object.keys(tasks).join(', ')}`);
  process.exit(2);
}
process.chdir(root);
process.exitCode = await main();

async function main() {
  if (!(await suitable())) {
    if (process.env.TIDINGS_RELAUNCHED) {
      console.error(`npx did not provide Node ${nodeWanted} and ${pnpmWanted}; this is Node ${process.version}.`);
      return 1;
    }
    return npx([`node@${nodeWanted}`, pnpmWanted], ['node', 'scripts/run.mjs', task, ...args], {
      TIDINGS_RELAUNCHED: '1',
    });
  }
  delete process.env.TIDINGS_RELAUNCHED;
  process.env.PATH = [join(root, 'node_modules', '.bin'), process.env.PATH].join(delimiter);
  process.env.TIDINGS_EFFORT ??= onCi ? 'ci' : 'quick';
  return (await install()) || tasks[task](args);
}

/** The packages run from Node 22.16 on; their sources start without a build step (`node main.ts`) from 22.18 on. */
async function suitable() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 22 || (major === 22 && minor < 18)) return false;
  const pnpm = await run(['pnpm', '--version'], { quiet: true });
  return pnpm.code === 0 && `pnpm@${pnpm.output.trim()}` === pnpmWanted;
}

/** Installs when a manifest or the lockfile changed since the last installation; otherwise costs a few file reads. */
async function install() {
  const stamp = join(root, 'node_modules', '.tidings-installed');
  const digest = digestOfManifests();
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) return 0;
  console.log('Installing the dependencies…');
  const command = ['pnpm', 'install', '--frozen-lockfile', '--prefer-offline'];
  const { code, output } = await run(command, { quiet: true, env: { CI: 'true' } });
  if (code !== 0) console.error(`${output}\n${command.join(' ')} failed.`);
  else writeFileSync(stamp, digest);
  return code;
}

function digestOfManifests() {
  const workspaces = ['packages', 'examples', 'tools']
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name, 'package.json')));
  const hash = createHash('sha256');
  for (const file of [
    'package.json',
    'pnpm-workspace.yaml',
    'pnpm-lock.yaml',
    'bench/package.json',
    ...workspaces.sort(),
  ]) {
    if (existsSync(file)) hash.update(file).update('\0').update(readFileSync(file)).update('\0');
  }
  return hash.digest('hex');
}

/** Runs every check, also after one has failed, and shows the output of those that failed. */
async function check() {
  const failed = [];
  for (const [name, commands] of Object.entries(checks)) {
    const started = performance.now();
    let outcome = { code: 0, output: '' };
    for (const command of commands) {
      outcome = await run(command, { quiet: true });
      if (outcome.code !== 0) break;
    }
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    console.log(`${outcome.code === 0 ? 'ok    ' : 'FAILED'} ${name.padEnd(12)} ${seconds} s`);
    if (outcome.code === 0) continue;
    failed.push(name);
    console.log(outcome.output);
  }
  if (failed.length > 0) console.error(`Failed: ${failed.map((name) => `npm run ${name}`).join(', ')}`);
  return failed.length > 0 ? 1 : 0;
}

/** The tests that need no database server, on another Node version. */
function testOnNode([version, ...rest]) {
  if (!/^\d+(\.\d+){0,2}$/.test(version ?? '')) {
    console.error('Which Node version? For example: npm run test:node -- 22.16.0');
    return 2;
  }
  // The packages; what judges the whole of them, and the documents, are the same on every Node.
  const projects = [
    '--project',
    '@tidings/*',
    '--project',
    '!@tidings/reliability',
    '--project',
    '!@tidings/docs-check',
    '--project',
    '!@tidings/bench',
  ];
  const without = needServers.map((name) => `--exclude=**/test/${name}.test.ts`);
  const vitest = ['node', 'node_modules/vitest/vitest.mjs', 'run', ...projects, ...without, ...rest];
  return npx([`node@${version}`], vitest, { TIDINGS_DATABASES: 'memory,sqlite', TIDINGS_EFFORT: 'quick' });
}

async function npx(packages, command, env) {
  const options = packages.flatMap((name) => ['--package', name]);
  const { code } = await run(['npx', '--yes', '--loglevel=error', ...options, '--', ...command], { env });
  return code;
}

async function all(commands, env) {
  for (const command of commands) {
    const { code } = await run(command, { env });
    if (code !== 0) return code;
  }
  return 0;
}

function run([command, ...rest], { quiet = false, env = {} } = {}) {
  // An npx above us passes its own --package and --call on through the environment, where the next one would obey them.
  const { npm_config_package, npm_config_call, npm_config_loglevel, npm_config_yes, ...inherited } = process.env;
  return new Promise((resolve) => {
    let output = '';
    const child = spawn(command, rest, {
      stdio: quiet ? ['ignore', 'pipe', 'pipe'] : 'inherit',
      env: { ...inherited, ...env },
      shell: windows,
    });
    child.stdout?.on('data', (data) => {
      output += data;
    });
    child.stderr?.on('data', (data) => {
      output += data;
    });
    child.on('error', (error) => resolve({ code: 127, output: `${command}: ${error.message}` }));
    child.on('close', (code) => resolve({ code: code ?? 1, output }));
  });
}
