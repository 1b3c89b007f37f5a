// npm run chaos
import { chaosUsage, readChaosOptions } from './chaos-options.ts';
import { describeResult } from './describe-result.ts';
import { runChaos } from './run-chaos.ts';

if (process.argv.includes('--help')) console.log(chaosUsage);
else await run();

async function run(): Promise<void> {
  let options: ReturnType<typeof readChaosOptions>;
  try {
    options = readChaosOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`${chaosUsage}\n\n${error instanceof Error ? error.message : error}`);
    process.exitCode = 2;
    return;
  }
  const result = await runChaos(options);
  for (const line of describeResult(options, result)) console.log(line);
  if (result.violations.length > 0) process.exitCode = 1;
}
