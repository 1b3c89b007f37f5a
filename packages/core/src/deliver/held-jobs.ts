import type { Job } from '../plan/job.ts';
import type { Clock } from '../spec/index.ts';

/** What is known of a message as soon as it is leased: enough to keep its lease, and to give it back. */
export type LeasedJob = Pick<Job, 'message' | 'run' | 'siblings' | 'lapsed' | 'leaseEnds'>;

/** A job this process holds: leased here, and its end not written yet. */
export interface HeldJob {
  readonly job: LeasedJob;
  /** The epoch it is held under: the job's own, or one higher once the mark of its call is written. */
  epoch: number;
  /** When its lease ends, on this process's monotonic clock. Only what a store has confirmed moves it. */
  leaseEnds: number;
  /** When a store was last asked about the lease, by the same clock. */
  checkedAt: number;
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
  add(job: LeasedJob): HeldJob;
  /**
   * The last act before a call, synchronous: false when the message was lost, or when less than `ms` of its lease is
   * left. Whoever is told false calls nobody.
   */
  begin(held: HeldJob, ms: number): boolean;
  /** The message is somebody else's: it is held no more, not called for, and a call that runs is aborted. */
  lose(held: HeldJob): void;
  end(held: HeldJob): void;
  /** Those that a store was asked about longest ago come first. */
  all(): Iterable<HeldJob>;
  /** A store was asked about the lease at `at`. `leaseEnds`: what it has confirmed, counted from then. */
  checked(held: HeldJob, at: number, leaseEnds?: number): void;
}

/** Keeps what a process holds, from the lease to the settlement. */
export function createHeldJobs(clock: Pick<Clock, 'monotonic'>, leaseMs: number): HeldJobs {
  const all = new Set<HeldJob>();

  return {
    add(job) {
      const held: HeldJob = {
        job,
        epoch: job.message.epoch,
        leaseEnds: job.leaseEnds,
        checkedAt: job.leaseEnds - leaseMs,
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
      all.delete(held);
      held.abort?.('Another process took the message over.');
    },
    end(held) {
      all.delete(held);
    },
    all: () => all,
    checked(held, at, leaseEnds = 0) {
      held.leaseEnds = Math.max(held.leaseEnds, leaseEnds);
      held.checkedAt = at;
      if (all.delete(held)) all.add(held);
    },
  };
}
