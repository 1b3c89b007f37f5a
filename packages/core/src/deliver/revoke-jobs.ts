import type { Revoked } from '../plan/held.ts';
import type { RowKey } from '../spec/index.ts';
import type { HeldJob, HeldJobs } from './held-jobs.ts';
import { putBack, type Writable } from './settlement.ts';

/** Takes back what is held of these messages and whose call has not begun. `write`: settles what is put back after all. */
export function revokeJobs(
  messages: readonly RowKey[],
  jobs: Pick<HeldJobs, 'all'>,
  write: (settlement: Writable) => void,
): Revoked {
  const wanted = new Set(messages.map(keyOf));
  const taken = new Map<string, HeldJob>();
  for (const held of wanted.size === 0 ? [] : jobs.all()) {
    const key = keyOf(held.job.message);
    // Once the mark of a call is on its way, the call counts as begun.
    if (!wanted.has(key) || held.began || held.lost || held.writing || held.epoch > held.job.message.epoch) continue;
    held.revoked = true;
    taken.set(key, held);
  }
  return {
    epochOf: (message) => taken.get(keyOf(message))?.epoch,
    lapsed: (message) => taken.get(keyOf(message))?.job.lapsed === true,
    putBack() {
      for (const { job } of taken.values()) {
        // A lapsed row stays leased: whoever takes it next must still see that a call may have begun.
        if (!job.lapsed) write(putBack(job, []));
      }
    },
  };
}

function keyOf({ scope, id }: RowKey): string {
  return `${scope}/${id}`;
}
