// Takes a job and never ends with it; whoever started it kills it then.
import { pgBossQueue } from '../src/index.ts';

const [connection = '', schema = '', name = ''] = process.argv.slice(2);
const queue = pgBossQueue({ connection, schema, name, redeliverMs: 1_000 });
await queue.consume(() => {
  process.stdout.write('taken\n');
  return new Promise(() => {});
});
