// How long a built package takes to import in a fresh process, and what it takes of memory; nothing is subtracted, bare
// Node stands beside it.
import { execFile } from 'node:child_process';
import { performance } from 'node:perf_hooks';
import { promisify } from 'node:util';
import { median } from '../rig/median.ts';
import type { Sample } from '../rig/sample.ts';

/** What is imported, and in how many processes, one after the other. */
export interface ImportSetting {
  readonly entry: string;
  readonly times: number;
}

// In the folder of the bench, so that the package is found as in a host; without the source condition, so that it is the built one.
const program = `
const before = process.memoryUsage();
const begun = performance.now();
const path = import.meta.resolve(process.argv[1] ?? 'node:process');
if (process.argv[1]) await import(process.argv[1]);
const importMs = performance.now() - begun;
const after = process.memoryUsage();
console.log(JSON.stringify({
  path,
  importMs,
  rssMb: after.rss / 2 ** 20,
  rssDeltaMb: (after.rss - before.rss) / 2 ** 20,
  heapDeltaMb: (after.heapUsed - before.heapUsed) / 2 ** 20,
}));`;

interface Import {
  readonly path: string;
  readonly importMs: number;
  readonly rssMb: number;
  readonly rssDeltaMb: number;
  readonly heapDeltaMb: number;
  readonly processMs: number;
}

/** Medians over fresh processes; those of bare Node in turns with them. */
export async function run({ entry, times }: ImportSetting): Promise<Sample> {
  const imports: Import[] = [];
  const bare: Import[] = [];
  await importOnce([entry]);
  for (let time = 0; time < times; time += 1) {
    bare.push(await importOnce([]));
    imports.push(await importOnce([entry]));
  }
  const source = imports.find(({ path }) => !path.includes('/dist/'));
  if (source) throw new Error(`Not the built package: ${entry} is ${source.path}.`);
  return {
    importMs: median(imports.map((each) => each.importMs)),
    rssMb: median(imports.map((each) => each.rssMb)),
    rssDeltaMb: median(imports.map((each) => each.rssDeltaMb)),
    heapDeltaMb: median(imports.map((each) => each.heapDeltaMb)),
    processMs: median(imports.map((each) => each.processMs)),
    bareNodeRssMb: median(bare.map((each) => each.rssMb)),
    bareNodeProcessMs: median(bare.map((each) => each.processMs)),
  };
}

async function importOnce(args: readonly string[]): Promise<Import> {
  const { NODE_OPTIONS: _, NODE_COMPILE_CACHE: __, ...env } = process.env;
  const begun = performance.now();
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--no-warnings', '--input-type=module', '--eval', program, '--', ...args],
    { cwd: import.meta.dirname, env },
  );
  return { ...(JSON.parse(stdout) as Omit<Import, 'processMs'>), processMs: performance.now() - begun };
}
