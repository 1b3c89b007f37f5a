// Takes a job and never ends with it; whoever started it kills it then.
import { pgBossQueue } from '../src/index.ts';

const [connection = '', schema = ''] = process.argv.slice(2);
const queue = pgBossQueue({ connection, schema, redeliverMs: 1_000 });
await queue.consume(() => {
  process.stdout.write('taken\n');
  return new Promise(() => {});
});
