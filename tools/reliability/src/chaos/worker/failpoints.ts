/** Where a worker can be told to die: before and after each thing a port does. */
export const failpointNames = [
  'before-commit',
  'after-commit',
  'after-claim',
  'before-call',
  'after-call',
  'before-settle',
  'after-settle',
  'before-publish',
  'after-publish',
] as const;

export type Failpoint = (typeof failpointNames)[number];

/** Counts down to a death. */
export interface Failpoints {
  /** Die when `point` is passed for the `hits`th time from now. */
  arm(point: Failpoint, hits: number): void;
  pass(point: Failpoint): void;
}

/** `dying` is told right before the process ends itself with SIGKILL, as suddenly as from outside. */
export function createFailpoints(dying: (point: Failpoint) => void): Failpoints {
  let armed: Failpoint | undefined;
  let left = 0;
  return {
    arm(point, hits) {
      armed = point;
      left = hits;
    },
    pass(point) {
      if (point !== armed) return;
      left -= 1;
      if (left > 0) return;
      dying(point);
      process.kill(process.pid, 'SIGKILL');
      // the signal is delivered before anything else runs; should it not be, nothing may go on
      for (;;);
    },
  };
}
