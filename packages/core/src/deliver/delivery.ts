import type { Context } from '../plan/context.ts';
import type { HeldJob, HeldJobs } from './held-jobs.ts';
import type { Lane, Start } from './lane.ts';
import type { SettledMessage, Settlement } from './settlement.ts';

/** What a delivery works with besides the context. */
export interface Delivery {
  readonly context: Context;
  /** Where it is called; the message may have waited in another one of its channel. */
  readonly lane: Lane;
  /** Every lane of the channel, in the order of the adapters. */
  readonly beside: readonly Lane[];
  readonly held: HeldJob;
  readonly jobs: Pick<HeldJobs, 'begin'>;
  /** Aborted when running calls must end. */
  readonly stopping: AbortSignal;
  readonly start: Start;
  settle(settlement: Settlement): Promise<SettledMessage>;
}
