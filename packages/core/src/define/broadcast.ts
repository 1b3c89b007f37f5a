import type { TidingsError } from '../spec/errors.ts';
import type { EventTypes } from './event-definition.ts';
import type { CommonSendOptions, Overrides } from './send-options.ts';

/** One recipient of a broadcast with a payload of its own. */
export interface BroadcastItem<Input, To> {
  readonly to: To;
  /** Default: the broadcast's. */
  readonly payload?: Input;
}

/** One recipient, and where to go on after it. */
export interface ResumableItem<Input, To> extends BroadcastItem<Input, To> {
  /** Stored with the chunk and handed to the source after a restart. JSON. */
  readonly cursor: string | number;
}

/**
 * Where a broadcast's recipients come from: a list or stream of recipients or of `{ to, payload }`, or a function that
 * starts after a cursor (`undefined` at first), so that a resumed broadcast need not read from the beginning.
 */
export type BroadcastSource<Input, To> =
  | Iterable<To | BroadcastItem<Input, To>>
  | AsyncIterable<To | BroadcastItem<Input, To>>
  | ((cursor: string | number | undefined) => AsyncIterable<ResumableItem<Input, To>>);

/** What `broadcast` takes. */
export interface BroadcastOptions<X extends EventTypes, To> extends Omit<CommonSendOptions, 'idempotencyKey'> {
  /** Your own name for the broadcast, 1–255 bytes. The same id goes on where it was; it never sends twice to one key. */
  id: string;
  /** What makes a recipient the same one. Default: its `id`, `externalId`, e-mail, phone or other identifier, as given. */
  key?: (recipient: To) => string;
  /** For recipients without one of their own. */
  payload?: X['input'];
  /** The only channel to use. */
  channel?: X['channel'];
  overrides?: Overrides<X['channels'], X['channel']>;
  /** Called after each chunk. What it throws ends the broadcast. */
  onProgress?: (progress: BroadcastProgress) => void | Promise<void>;
  /** Called for each recipient that is refused. What it throws ends the broadcast. */
  onRejected?: (rejected: BroadcastRejection) => void | Promise<void>;
  /** Ends it after the current chunk; it can be resumed. */
  signal?: AbortSignal;
  /** Only `'none'`, to say so inside `engine.transaction`: a broadcast commits chunk by chunk. */
  transaction?: 'none';
}

/** One recipient refused. */
export interface BroadcastRejection {
  /** Place in the source of this run, from 0. */
  readonly index: number;
  readonly key: string | undefined;
  readonly error: TidingsError;
}

/** How far a broadcast is. */
export interface BroadcastProgress {
  readonly id: string;
  readonly event: string;
  /** Accepted in all, over all runs. */
  readonly accepted: number;
  /** Refused in this run: who is refused is tried again by the next one. */
  readonly rejected: number;
  /** Passed over in this run because they were there already. */
  readonly skipped: number;
}

/** How a broadcast ended. */
export interface BroadcastResult extends BroadcastProgress {
  /** False when `signal` ended it early. */
  readonly completed: boolean;
}
