// pg-boss: the payload is the job's data, nothing is rendered; a job done stays for seven days, as by default.
//
// One by one: `send`, and `work` with a batch size and `burstWhenBatchFull`, as `work` by itself takes "1 job every 2
// seconds" (pgboss.io, "Workers: work()"; `JobPollingOptions` in the package's types). It polls: with `notify`, every send
// wakes it, and that measured three times slower here. Batched: `insert` ("Jobs: insert()"), batches of 500, and
// LISTEN/NOTIFY (`useListenNotify` of `ConstructorOptions`). Two workers in both: they measured better than one.
import { PgBoss } from 'pg-boss';
import type { Sample } from '../rig/sample.ts';
import { servers, uniqueName } from '../work/servers.ts';
import { nullProvider, type Order, orderOf } from '../work/work.ts';
import { measure, type PeerSetting } from './measure.ts';
import { countOf, untilNone, withSchema } from './open-servers.ts';
import { newTally } from './tally.ts';

/** Measures `send` or `insert` with a worker in the same process. */
export function run(setting: PeerSetting): Promise<Sample> {
  const schema = uniqueName();
  const queue = 'confirmations';
  return withSchema(schema, async (pool) => {
    const tally = newTally();
    const notify = setting.batched === true;
    const boss = new PgBoss({ connectionString: servers.postgres, schema, useListenNotify: notify });
    boss.on('error', (err) => process.stderr.write(`${err}\n`));
    await boss.start();
    await boss.createQueue(queue, { notify });
    const settled = `FROM ${schema}.job WHERE name = '${queue}' AND state`;
    try {
      await boss.work<Job>(
        queue,
        {
          batchSize: setting.batched ? 500 : 50,
          localConcurrency: 2,
          burstWhenBatchFull: true,
          pollingIntervalSeconds: 0.5,
        },
        async (jobs) => {
          await Promise.all(jobs.map(nullProvider));
          for (const { data } of jobs) tally.add(data.number);
        },
      );
      const dataOf = (number: number): Job => ({ number, order: orderOf(number) });
      let total = 0;
      const sample = await measure(setting, {
        send: (numbers) =>
          setting.batched
            ? boss.insert(
                queue,
                numbers.map((number) => ({ data: dataOf(number) })),
              )
            : Promise.all(numbers.map((number) => boss.send(queue, dataOf(number)))),
        async done(count) {
          total = count;
          await tally.reaches(count);
          await untilNone(pool, `SELECT count(*) ${settled} < 'completed'`);
        },
      });
      const completed = await countOf(pool, `SELECT count(*) ${settled} = 'completed'`);
      if (completed !== total) throw new Error(`${total} expected, but ${completed} completed.`);
      return sample;
    } finally {
      await boss.stop({ graceful: false });
    }
  });
}

interface Job {
  readonly number: number;
  readonly order: Order;
}
