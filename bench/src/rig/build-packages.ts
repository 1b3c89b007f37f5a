import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** Builds what is published of every package, where that is older than its source. */
export async function buildPackages(): Promise<void> {
  const child = spawn('tsc', ['--build'], { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error('The packages could not be built: npm run build');
}
