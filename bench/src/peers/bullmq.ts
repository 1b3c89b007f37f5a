// Bare BullMQ: the payload is the job's data, nothing is stored in SQL, nothing rendered.
//
// One by one: `queue.add`, and a worker with `concurrency: 50`, as the guide shows it (docs.bullmq.io, "Workers:
// Concurrency"). Batched: `queue.addBulk` ("Queues: Adding jobs in bulk") and `concurrency: 200`: 50 measured the same
// here and 500 less. Batches of jobs for a worker are of BullMQ Pro only. Both keep 1,000 completed jobs ("Auto-removal of
// jobs"). Redis is taken as it is configured, with or without a file on disk.
import { Queue, Worker } from 'bullmq';
import type { Sample } from '../rig/sample.ts';
import { servers, uniqueName } from '../work/servers.ts';
import { nullProvider, type Order, orderOf } from '../work/work.ts';
import { measure, type PeerSetting } from './measure.ts';
import { removeKeys } from './open-servers.ts';
import { newTally } from './tally.ts';

/** Measures `add` or `addBulk` with a worker in the same process. */
export async function run(setting: PeerSetting): Promise<Sample> {
  const prefix = uniqueName();
  const connection = { url: servers.redis };
  const tally = newTally();
  const queue = new Queue<Job>('confirmations', { connection, prefix });
  const worker = new Worker<Job>('confirmations', nullProvider, {
    connection,
    prefix,
    concurrency: setting.batched ? 200 : 50,
    removeOnComplete: { count: 1_000 },
    removeOnFail: { count: 5_000 },
  });
  worker.on('completed', ({ data }) => tally.add(data.number));
  worker.on('error', (err) => process.stderr.write(`${err}\n`));
  const jobOf = (number: number): { name: string; data: Job } => ({
    name: 'confirm',
    data: { number, order: orderOf(number) },
  });
  try {
    await worker.waitUntilReady();
    const sample = await measure(setting, {
      send: (numbers) =>
        setting.batched
          ? queue.addBulk(numbers.map(jobOf))
          : Promise.all(numbers.map((number) => queue.add('confirm', jobOf(number).data))),
      done: (count) => tally.reaches(count),
    });
    const { waiting, active, failed } = await queue.getJobCounts('waiting', 'active', 'failed');
    if (waiting || active || failed) throw new Error(`Left: ${waiting} waiting, ${active} active, ${failed} failed.`);
    return sample;
  } finally {
    await worker.close();
    await queue.close();
    await removeKeys(prefix);
  }
}

interface Job {
  readonly number: number;
  readonly order: Order;
}
