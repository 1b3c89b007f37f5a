// Packs every publishable package as it would be published, and checks the tarball: publint, attw and its file list.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

const shell = process.platform === 'win32';
const unwanted = /\.(test|test-d)\.|\.tsbuildinfo$|(^|\/)test\//;
const out = mkdtempSync(join(tmpdir(), 'tidings-pack-'));
const problems = [];

try {
  for (const folder of readdirSync('packages').map((name) => join('packages', name))) {
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    if (!manifest.private) await inspect(folder, manifest);
  }
} finally {
  rmSync(out, { recursive: true, force: true });
}
if (problems.length > 0) {
  console.error(problems.join('\n'));
  process.exitCode = 1;
}

async function inspect(folder, { name }) {
  const packed = JSON.parse(
    execFileSync('pnpm', ['pack', '--json', '--pack-destination', out], { cwd: folder, encoding: 'utf8', shell }),
  );
  const files = packed.files.map((file) => file.path);
  const complain = (text) => problems.push(`${name}: ${text}`);

  for (const file of files.filter((path) => unwanted.test(path))) complain(`${file} must not be published`);
  for (const file of ['LICENSE', 'package.json', 'dist/index.js', 'dist/index.d.ts']) {
    if (!files.includes(file)) complain(`${file} is not in the package`);
  }

  const tarball = readFileSync(packed.filename);
  const { messages, pkg } = await publint({ pack: { tarball: new Uint8Array(tarball).buffer }, strict: true });
  for (const message of messages) complain(`publint: ${formatMessage(message, pkg, { color: false })}`);

  const attw = spawnSync('attw', [packed.filename, '--profile', 'esm-only', '--no-emoji', '--no-color'], {
    encoding: 'utf8',
    shell,
  });
  if (attw.status !== 0) complain(`attw:\n${attw.stdout}${attw.stderr}`);
  console.log(`${name}: ${files.length} files`);
}
