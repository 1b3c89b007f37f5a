// One run of one case: node --conditions=source run-case.ts <module, relative to src> <setting as JSON>
// Says what it measured in its last line, as JSON.
import type { Case } from './sample.ts';

const [module = '', setting = '{}'] = process.argv.slice(2);
const { run } = (await import(new URL(`../${module}`, import.meta.url).href)) as Case<unknown>;
const sample = await run(JSON.parse(setting));
process.stdout.write(`\n${JSON.stringify(sample)}\n`, () => process.exit(0));
