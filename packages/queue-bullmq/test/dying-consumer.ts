// Takes a job and never ends with it; whoever started it kills it then.
import { bullmqQueue } from '../src/index.ts';

const [connection = '', prefix = ''] = process.argv.slice(2);
const queue = bullmqQueue({ connection, prefix, redeliverMs: 1_000 });
await queue.consume(() => {
  process.stdout.write('taken\n');
  return new Promise(() => {});
});
