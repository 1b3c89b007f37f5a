// What a team writes in a week: BullMQ, pg and Handlebars, with the rows and bytes the engine keeps of a message: key,
// notification, message with timeline, content. It has no retries, leases, preferences or traces of its own.
//
// One by one: one statement after the other (node-postgres.com, "Queries", "Transactions": a pool of 10), `queue.add`, and
// a worker with `concurrency: 50` (docs.bullmq.io, "Workers: Concurrency"). Batched: arrays of 200, `unnest`, prepared
// statements ("Queries: Prepared statements"), `queue.addBulk` ("Queues: Adding jobs in bulk"), a worker with
// `concurrency: 200` whose reads and writes are collected; batches of jobs for a worker are of BullMQ Pro only. Both retry
// three times and keep 1,000 completed jobs ("Retrying failing jobs", "Auto-removal of jobs").
import { Queue, Worker } from 'bullmq';
import type pg from 'pg';
import type { Sample } from '../rig/sample.ts';
import { servers, uniqueName } from '../work/servers.ts';
import { batched } from './hand-rolled-batched.ts';
import { oneByOne } from './hand-rolled-one.ts';
import { arrayLength, measure, type PeerSetting } from './measure.ts';
import { countOf, removeKeys, withSchema } from './open-servers.ts';
import { createTables, seedContacts } from './rows.ts';
import { newTally } from './tally.ts';

/** What goes through the queue. */
export interface Job {
  readonly number: number;
  readonly messageId: string;
}

/** The two halves of a team's code. */
export interface Desk {
  /** Writes the rows of these sends; gives the jobs of those that are to be delivered. */
  accept(numbers: readonly number[]): Promise<Job[]>;
  /** Renders, calls the provider and writes what became of it. */
  deliver(job: Job): Promise<void>;
}

const atOnce = { oneByOne: 50, batched: 200 };

/** Measures from the first send until the last message is delivered, and all that is written. */
export function run(setting: PeerSetting): Promise<Sample> {
  const name = uniqueName();
  return withSchema(name, async (pool) => {
    await createTables(pool, name);
    await seedContacts(pool, name);
    const desk = setting.batched ? batched(pool, name, arrayLength) : oneByOne(pool, name);
    const connection = { url: servers.redis };
    const tally = newTally();
    const queue = new Queue<Job>('messages', {
      connection,
      prefix: name,
      defaultJobOptions: { attempts: 3, backoff: { type: 'exponential', delay: 1_000 } },
    });
    const worker = new Worker<Job>('messages', ({ data }) => desk.deliver(data), {
      connection,
      prefix: name,
      concurrency: setting.batched ? atOnce.batched : atOnce.oneByOne,
      removeOnComplete: { count: 1_000 },
      removeOnFail: { count: 5_000 },
    });
    worker.on('completed', ({ data }) => tally.add(data.number));
    worker.on('failed', (_, err) => process.stderr.write(`${err}\n`));
    worker.on('error', (err) => process.stderr.write(`${err}\n`));
    let total = 0;
    try {
      await worker.waitUntilReady();
      const sample = await measure(setting, {
        async send(numbers) {
          const jobs = await desk.accept(numbers);
          if (setting.batched) await queue.addBulk(jobs.map((data) => ({ name: 'deliver', data })));
          else for (const data of jobs) await queue.add('deliver', data);
        },
        done(count) {
          total = count;
          return tally.reaches(count);
        },
      });
      await verify(pool, name, total);
      return sample;
    } finally {
      await worker.close();
      await queue.close();
      await removeKeys(name);
    }
  });
}

/** Every key, notification, message and content is there, and in its last state. */
async function verify(pool: pg.Pool, schema: string, total: number): Promise<void> {
  const found = {
    keys: await countOf(pool, `SELECT count(*) FROM ${schema}.idempotency_keys`),
    completed: await countOf(pool, `SELECT count(*) FROM ${schema}.notifications WHERE status = 'completed'`),
    sent: await countOf(pool, `SELECT count(*) FROM ${schema}.messages WHERE status = 'sent' AND due_at IS NULL`),
    contents: await countOf(pool, `SELECT count(*) FROM ${schema}.contents WHERE content LIKE '%</html>%'`),
  };
  for (const [what, is] of Object.entries(found)) {
    if (is !== total) throw new Error(`${total} expected, but ${what}: ${is}.`);
  }
}
