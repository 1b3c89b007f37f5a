import type { Job } from '../plan/job.ts';
import type { Clock } from '../spec/index.ts';

/** A job this process holds: leased here, and its end not written yet. */
export interface HeldJob {
  readonly job: Job;
  /** The epoch it is held under: the job's own, or one higher once the mark of its call is written. */
  epoch: number;
  /** When its lease ends, on this process's monotonic clock. Only what a store has confirmed moves it. */
  leaseEnds: number;
  /** The call has begun. */
  began: boolean;
  /** Somebody else has the message by now. */
  lost: boolean;
  /** Taken back by who stops its work: nobody is called, and nothing is written. */
  revoked: boolean;
  /** A write of our own is under way and may have raised the epoch: until it ends, a store cannot tell us we lost it. */
  writing: boolean;
  /** Ends the call, while there is one. */
  abort: ((reason: string) => void) | undefined;
}

/** The jobs a process holds. */
export interface HeldJobs {
  add(job: Job): HeldJob;
  /**
   * The last act before a call, synchronous: false when the message was lost, or when less than `ms` of its lease is
   * left. Whoever is told false calls nobody.
   */
  begin(held: HeldJob, ms: number): boolean;
  /** The message is somebody else's: it is not called for any more, and a call that runs is aborted. */
  lose(held: HeldJob): void;
  end(held: HeldJob): void;
  /** Those whose lease was renewed longest ago come first. */
  all(): Iterable<HeldJob>;
  /** A store has confirmed the lease: counted from before it was asked. */
  renewed(held: HeldJob, leaseEnds: number): void;
  readonly size: number;
}

/** Keeps what a process holds, from the lease to the settlement. */
export function createHeldJobs(clock: Pick<Clock, 'monotonic'>): HeldJobs {
  const all = new Set<HeldJob>();

  return {
    add(job) {
      const held: HeldJob = {
        job,
        epoch: job.message.epoch,
        leaseEnds: job.leaseEnds,
        began: false,
        lost: false,
        revoked: false,
        writing: false,
        abort: undefined,
      };
      all.add(held);
      return held;
    },
    begin(held, ms) {
      if (held.lost || held.revoked || clock.monotonic() + ms > held.leaseEnds) return false;
      held.began = true;
      return true;
    },
    lose(held) {
      held.lost = true;
      held.abort?.('Another process took the message over.');
    },
    end(held) {
      all.delete(held);
    },
    all: () => all,
    renewed(held, leaseEnds) {
      held.leaseEnds = Math.max(held.leaseEnds, leaseEnds);
      if (all.delete(held)) all.add(held);
    },
    get size() {
      return all.size;
    },
  };
}
