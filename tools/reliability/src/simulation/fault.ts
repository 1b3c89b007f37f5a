/** What may happen to one operation of a port. */
export const faultModes = [
  'throw-before',
  'throw-after',
  'crash-before',
  'crash-after',
  'delay',
  'stall',
  'freeze',
] as const;

/**
 * `throw-…`: it fails, before or after it had its effect. `crash-…`: the process ends there. `delay`: it takes a while.
 * `stall`: it has its effect, and its answer comes only when every lease has lapsed. `freeze`: the whole process stands
 * still for as long, just before it.
 */
export type FaultMode = (typeof faultModes)[number];

/** A fault at one operation of a run, counted from 1. */
export interface Fault {
  readonly operation: number;
  readonly mode: FaultMode;
}
