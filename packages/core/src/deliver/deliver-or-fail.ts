import type { Job } from '../plan/job.ts';
import { TidingsError } from '../spec/index.ts';
import { wordsOf } from '../toolkit/words-of.ts';
import { deliver } from './deliver.ts';
import type { Delivery } from './delivery.ts';
import { failure, type SettledMessage, type Settlement } from './settlement.ts';
import { lostCall } from './take-over.ts';

/**
 * As {@link deliver}, whatever its row holds. A row that cannot be read, because somebody changed it by hand, ends with an
 * error that says so: left alone it would be claimed again for ever. What the store refuses is thrown.
 */
export async function deliverOrFail(
  job: Job,
  on: Delivery,
): Promise<{ settlement: Settlement; settled: SettledMessage } | undefined> {
  let settling = false;
  try {
    return await deliver(job, {
      ...on,
      async settle(settlement) {
        settling = true;
        const settled = await on.settle(settlement);
        settling = false;
        return settled;
      },
    });
  } catch (error) {
    if (settling) throw error;
    on.context.log.error(
      { message: job.message.id, err: error },
      'A message could not be delivered: what is stored of it cannot be read.',
    );
    // Somebody may have been called: that is no failure, it is not known.
    const current = { ...job, message: { ...job.message, epoch: on.held.epoch } };
    const settlement = on.held.began ? lostCall(current).over : failure(current, damaged(error), []);
    return { settlement, settled: await on.settle(settlement) };
  }
}

function damaged(error: unknown): TidingsError {
  return new TidingsError('INTERNAL', `What is stored of this message cannot be read: ${wordsOf(error)}`, {
    cause: error,
  });
}
