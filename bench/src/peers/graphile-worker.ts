// Graphile Worker: the payload is the job's, nothing is rendered; a job done is deleted.
//
// One by one: `addJob`, and `run` as the documentation measures it without batching (worker.graphile.org, "Performance:
// Without batching"). Batched: `addJobs` and the settings of "Performance: With batching", local queue and batched
// completion among them.
import { Logger, makeWorkerUtils, run as runWorker } from 'graphile-worker';
import type { Sample } from '../rig/sample.ts';
import { servers, uniqueName } from '../work/servers.ts';
import { nullProvider, type Order, orderOf } from '../work/work.ts';
import { measure, type PeerSetting } from './measure.ts';
import { untilNone, withSchema } from './open-servers.ts';
import { newTally } from './tally.ts';

const concurrency = { concurrentJobs: 24, maxPoolSize: 25 };
const batching = { localQueue: { size: 500 }, completeJobBatchDelay: 0, failJobBatchDelay: 0 };

/** Measures `addJob` or `addJobs` with a runner in the same process. */
export function run(setting: PeerSetting): Promise<Sample> {
  const schema = uniqueName();
  return withSchema(schema, async (pool) => {
    const tally = newTally();
    const common = {
      connectionString: servers.postgres,
      schema,
      logger: new Logger(() => () => {}),
    };
    const utils = await makeWorkerUtils({ preset: { worker: common } });
    await utils.migrate();
    const runner = await runWorker({
      preset: { worker: { ...common, ...concurrency, ...(setting.batched ? batching : {}) } },
      noHandleSignals: true,
      taskList: {
        async confirm(payload: unknown) {
          await nullProvider();
          tally.add((payload as Job).number);
        },
      },
    });
    const payloadOf = (number: number): Job => ({ number, order: orderOf(number) });
    try {
      return await measure(setting, {
        send: (numbers) =>
          setting.batched
            ? utils.addJobs(numbers.map((number) => ({ identifier: 'confirm', payload: payloadOf(number) })))
            : Promise.all(numbers.map((number) => utils.addJob('confirm', payloadOf(number)))),
        async done(count) {
          await tally.reaches(count);
          await untilNone(pool, `SELECT count(*) FROM ${schema}._private_jobs`);
        },
      });
    } finally {
      await runner.stop();
      await utils.release();
    }
  });
}

interface Job {
  readonly number: number;
  readonly order: Order;
}
