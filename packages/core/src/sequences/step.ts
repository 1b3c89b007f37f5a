import type { Duration } from '../define/duration.ts';
import type { AnyTemplates } from '../define/templates.ts';

/**
 * One step of an evaluated sequence: plain, frozen and inspectable. Only tests, keys and computed waits are functions.
 * Ids are unique over the whole sequence: the one given, else kind and ordinal within the branch (`wait1`,
 * `when1.then/send1`).
 */
export type Step = SendStep | WaitStep | WhenStep | ParallelStep | DigestStep | ThrottleStep | EndStep;

/** Sends one message (or one for each push token). */
export interface SendStep {
  readonly id: string;
  readonly kind: 'send';
  /** The only channel to use. */
  readonly channel?: string;
  /** The channels to try in order, instead of the event's. */
  readonly route?: readonly string[];
  /** Content for this step; channels left out use the event's own. */
  readonly templates?: AnyTemplates;
}

/** Rests. */
export interface WaitStep {
  readonly id: string;
  readonly kind: 'wait';
  // biome-ignore lint/suspicious/noExplicitAny: typed by the builder
  readonly duration: Duration | ((context: any) => Date | Duration);
}

/** Takes one of two branches. */
export interface WhenStep {
  readonly id: string;
  readonly kind: 'when';
  // biome-ignore lint/suspicious/noExplicitAny: typed by the builder
  readonly test: (context: any) => boolean | Promise<boolean>;
  /** Taken when the test holds. */
  readonly yes: readonly Step[];
  /** Taken otherwise; may be empty. */
  readonly no: readonly Step[];
}

/** Takes all branches side by side and goes on when each has ended. */
export interface ParallelStep {
  readonly id: string;
  readonly kind: 'parallel';
  readonly branches: readonly (readonly Step[])[];
}

/** Collects further sends of the event to the contact. */
export interface DigestStep {
  readonly id: string;
  readonly kind: 'digest';
  readonly window: Duration;
  /** Goes on early when this many are collected. */
  readonly max?: number;
  // biome-ignore lint/suspicious/noExplicitAny: typed by the builder
  readonly key?: (context: any) => string;
}

/** Stops the run when there were too many before it. */
export interface ThrottleStep {
  readonly id: string;
  readonly kind: 'throttle';
  readonly limit: number;
  readonly per: Duration;
  // biome-ignore lint/suspicious/noExplicitAny: typed by the builder
  readonly key?: (context: any) => string;
}

/** Ends the run. */
export interface EndStep {
  readonly id: string;
  readonly kind: 'end';
  readonly reason?: string;
}
