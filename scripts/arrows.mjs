// Checks the import arrows with dependency-cruiser, and that it really saw every package.
import { existsSync, readdirSync } from 'node:fs';
import { cruise, format } from 'dependency-cruiser';
import extractOptions from 'dependency-cruiser/config-utl/extract-depcruise-options';

const roots = ['packages', 'examples'].filter((folder) => existsSync(folder));
const { output } = await cruise(roots, await extractOptions('./.dependency-cruiser.cjs'));

const seen = output.modules.map((module) => module.source);
const missing = readdirSync('packages')
  .filter((name) => existsSync(`packages/${name}/package.json`))
  .map((name) => `packages/${name}/src/index.ts`)
  .filter((entry) => !seen.includes(entry));
const edges = output.summary.totalDependenciesCruised;
if (missing.length > 0 || edges === 0) {
  console.error(
    `The cruise is not to be trusted: ${seen.length} modules, ${edges} imports; not seen: ${missing.join(', ')}`,
  );
  process.exit(1);
}

const report = await format(output, { outputType: 'err' });
console.log(String(report.output).trim());
process.exitCode = output.summary.error > 0 ? 1 : 0;
