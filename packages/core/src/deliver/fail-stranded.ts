import type { Context } from '../plan/context.ts';
import type { Job } from '../plan/job.ts';
import { TidingsError } from '../spec/index.ts';
import { failure, type Settlement } from './settlement.ts';
import { lostCall } from './take-over.ts';

/** Ends messages that wait for an adapter no process has had for a day; whose call had begun ends as unknown. */
export async function failStranded(
  jobs: readonly Job[],
  context: Context,
  settle: (settlement: Settlement) => Promise<unknown>,
): Promise<void> {
  await Promise.all(
    jobs.map((job) => {
      const { message } = job;
      const error = `No process has had the adapter "${message.lane}" for a day.`;
      context.log.error({ message: message.id, adapter: message.lane }, error);
      if (job.lapsed && message.callingAt !== null) return settle(lostCall(job).over);
      return settle(failure(job, new TidingsError('INTEGRATION_MISSING', error), []));
    }),
  );
}
