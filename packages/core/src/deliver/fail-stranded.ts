import { moveMessage } from '../lifecycle/transition.ts';
import type { Context } from '../plan/context.ts';
import type { Job } from '../plan/job.ts';
import type { SettledMessage, Settlement } from './settlement.ts';

/** Ends messages that wait for an adapter no process has had for a day. */
export async function failStranded(
  jobs: readonly Job[],
  context: Context,
  settle: (settlement: Settlement) => Promise<SettledMessage>,
): Promise<void> {
  await Promise.all(
    jobs.map((job) => {
      const { message } = job;
      const error = `No process has had the adapter "${message.lane}" for a day.`;
      context.log.error({ message: message.id, adapter: message.lane }, error);
      const entry = { event: 'failed', code: 'INTEGRATION_MISSING', reason: error };
      const update = moveMessage(message, 'failed', { errorCode: 'INTEGRATION_MISSING', error, timeline: [entry] });
      return settle({ job, update, content: null, suppress: null, pauseMs: null });
    }),
  );
}
