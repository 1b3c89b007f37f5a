import type { Duration } from '../define/duration.ts';
import type { DigestOutcome, Templates } from '../define/templates.ts';
import type { Contact } from '../spec/contact.ts';
import type { MessageStatus } from '../spec/lifecycle.ts';
import type { Step } from './step.ts';

/** What an earlier send step came to. */
export interface MessageOutcome<Channel extends string = string> {
  readonly channel: Channel;
  readonly status: MessageStatus;
  readonly sentAt?: Date;
  readonly deliveredAt?: Date;
  readonly openedAt?: Date;
  readonly clickedAt?: Date;
}

/** What `defineEvent` knows when the sequence is written. */
export interface SequenceTypes {
  payload: unknown;
  channel: string;
  channels: object;
}

/** What conditions and computed waits see. */
export interface StepContext<T extends SequenceTypes, Messages, Digests> {
  readonly payload: T['payload'];
  readonly contact: Contact;
  /** By step id; a step inside a branch may not have run. */
  readonly messages: Readonly<Messages>;
  /** By step id. */
  readonly digests: Readonly<Digests>;
  /** The store's time. */
  readonly now: Date;
}

/** A step id is used once: the parameter's type becomes the sentence the compiler prints. */
type Fresh<Id extends string, Messages, Digests> = Id extends keyof Messages | keyof Digests
  ? `step id "${Id}" is already used`
  : Id;
/** What `M` adds to `Base`, perhaps there. */
type Maybe<M, Base> = { [Id in Exclude<keyof M, keyof Base>]: M[Id] | undefined };
/** What `M` adds to `Base`, never there. */
type Absent<M, Base> = { [Id in Exclude<keyof M, keyof Base>]: undefined };

/** How a send step departs from the event. */
export interface SendStepOptions<T extends SequenceTypes, Channel extends string = T['channel']> {
  /** The only channel to use. */
  channel?: Channel;
  /** The channels to try in order, instead of the event's. */
  route?: readonly T['channel'][];
  /** Content for this step only; channels left out use the event's own. */
  templates?: Templates<T['channels'], T['payload']>;
}

type Branch<T extends SequenceTypes, M, D, M2, D2> = (
  branch: Sequence<T, M, D>,
) => Sequence<T, M2, D2> | SequenceEnd<M2, D2>;

/** A sequence to which nothing can be added. */
export interface SequenceEnd<Messages, Digests> {
  readonly steps: readonly Step[];
  readonly '~ids'?: { messages: Messages; digests: Digests };
}

/**
 * The builder of a sequence. It runs once, at definition; what stays is {@link Step}s.
 *
 * Ids are unique over the whole sequence. After a wait, every `send`, `wait` and `throttle` must have one: runs that
 * wait in the database find their place by it, so it has to survive edits of the sequence.
 */
export interface Sequence<T extends SequenceTypes, Messages = {}, Digests = {}> extends SequenceEnd<Messages, Digests> {
  /** Sends. Without an id nothing can refer to the step. */
  send<const Id extends string = never, const C extends T['channel'] = T['channel']>(
    id?: Fresh<Id, Messages, Digests>,
    options?: SendStepOptions<T, C>,
  ): Sequence<T, Messages & { [K in Id]: MessageOutcome<C> }, Digests>;

  /** Rests for a duration, or until a time computed when the step is reached. */
  wait(
    time: Duration | ((context: StepContext<T, Messages, Digests>) => Date | Duration),
    id?: string,
  ): Sequence<T, Messages, Digests>;

  /** Takes `then` or `otherwise`. Ids are unique over both, so `otherwise` sees those of `then` as `undefined`. */
  when<M1 = Messages, D1 = Digests, M2 = Messages, D2 = Digests>(
    test: (context: StepContext<T, Messages, Digests>) => boolean | Promise<boolean>,
    then: Branch<T, Messages, Digests, M1, D1>,
    otherwise?: Branch<T, Messages & Absent<M1, Messages>, Digests & Absent<D1, Digests>, M2, D2>,
  ): Sequence<T, Messages & Maybe<M1, Messages> & Maybe<M2, M1>, Digests & Maybe<D1, Digests> & Maybe<D2, D1>>;

  /** Runs branches side by side and goes on when all have ended. */
  parallel<M1 = Messages, D1 = Digests, M2 = Messages, D2 = Digests, M3 = Messages, D3 = Digests>(
    a: Branch<T, Messages, Digests, M1, D1>,
    b: Branch<T, Messages & Maybe<M1, Messages>, Digests & Maybe<D1, Digests>, M2, D2>,
    c?: Branch<T, Messages & Maybe<M1 & M2, Messages>, Digests & Maybe<D1 & D2, Digests>, M3, D3>,
  ): Sequence<T, Messages & M1 & M2 & M3, Digests & D1 & D2 & D3>;

  /** Collects further sends of this event to this contact; the run goes on once, with all of them. */
  digest<const Id extends string>(
    id: Fresh<Id, Messages, Digests>,
    options: {
      /** From the first send on. */
      window: Duration;
      /** Goes on early when this many are collected. Default: no maximum. */
      max?: number;
      /** Collects apart what has another key. Default: one for the event and contact. */
      key?: (context: { payload: T['payload'] }) => string;
    },
  ): Sequence<T, Messages, Digests & { [K in Id]: DigestOutcome<T['payload']> }>;

  /** Ends the run when the contact already had `limit` runs past this step within `per`. */
  throttle(options: {
    limit: number;
    per: Duration;
    /** Counts apart what has another key. Default: one for the event and contact. */
    key?: (context: { payload: T['payload'] }) => string;
    id?: string;
  }): Sequence<T, Messages, Digests>;

  /** Ends the run; `reason` is for the trace. */
  end(reason?: string): SequenceEnd<Messages, Digests>;
}
