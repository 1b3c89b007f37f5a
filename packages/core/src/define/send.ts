import type { ErrorCode, TidingsError } from '../spec/errors.ts';
import type { MessageStatus, SuppressionReason } from '../spec/lifecycle.ts';
import type { BroadcastOptions, BroadcastResult, BroadcastSource } from './broadcast.ts';
import type { EventMap } from './event-definition.ts';
import type { Recipient, Recipients } from './recipient.ts';
import type { SendOptions, TypesOfEvent } from './send-options.ts';

export type { OnUnroutable, Overrides, SendOptions } from './send-options.ts';

/** One message a send made. */
export interface Delivery<Channel extends string = string> {
  /** The message's id. */
  readonly id: string;
  readonly channel: Channel;
  /** `queued`, or `suppressed`. */
  readonly status: MessageStatus;
  /** Why it is suppressed. */
  readonly reason?: SuppressionReason;
}

/** The result of a send to one. It is stored: whatever happens now, the messages go out. */
export interface Sent<Channel extends string = string> {
  /** The notification's id. */
  readonly id: string;
  readonly event: string;
  readonly status: 'accepted';
  /** True when an earlier send with the same idempotency key made it; nothing new was sent. */
  readonly replayed: boolean;
  /** What the steps before the first wait made; empty when the sequence begins with one. */
  readonly deliveries: readonly Delivery<Channel>[];
  /** With `onUnroutable: 'record'`: why nothing can be sent. */
  readonly error?: { readonly code: ErrorCode; readonly message: string };
}

/** The result of a send to several, or to an event's listeners. It never throws for one of them. */
export interface SentMany<Channel extends string = string> {
  /** `index` is the place in `to`, or among the event's listeners. */
  readonly accepted: readonly (Sent<Channel> & { readonly index: number })[];
  readonly rejected: readonly { readonly index: number; readonly error: TidingsError }[];
  /** As in {@link Sent}. */
  readonly replayed?: boolean;
}

/** {@link SentMany} for an array, {@link Sent} otherwise. */
export type SendResult<To, Channel extends string> = To extends readonly unknown[] ? SentMany<Channel> : Sent<Channel>;

/**
 * What a module asks for that only sends: an engine with more events fits, one without them does not.
 *
 * @example
 * export async function bill(engine: Sender<typeof billing>) {
 *   await engine.send('invoice.paid', { to: customer, payload: { amount: 10 } });
 * }
 */
export interface Sender<E extends EventMap, Tx = never> {
  /**
   * Validates, stores and returns; delivery goes on by itself. After it resolves the messages survive a crash.
   *
   * @throws TidingsError `EVENT_NOT_FOUND`, `PAYLOAD_INVALID`, `PAYLOAD_TOO_LARGE`, `VALIDATION_ERROR`,
   * `INVALID_EMAIL`, `INVALID_PHONE`, `INVALID_ADDRESS`, `MISSING_IDENTIFIER`, `TEMPLATE_MISSING`,
   * `INTEGRATION_MISSING`, `UNVERIFIED_SENDER`, `CONFLICT`, `IDEMPOTENCY_MISMATCH`, `TOO_MANY_RECIPIENTS`,
   * `ENGINE_STOPPED`, or a store's error. Then nothing was stored.
   */
  send<
    N extends keyof E & string,
    const To extends Recipients<TypesOfEvent<E, N>['channels']> = readonly Recipient<TypesOfEvent<E, N>['channels']>[],
  >(event: N, message: SendOptions<TypesOfEvent<E, N>, To, Tx>): Promise<SendResult<To, TypesOfEvent<E, N>['channel']>>;

  /**
   * Sends to any number of recipients in chunks. Run it again with the same `id` after a crash: those that were accepted
   * are skipped.
   *
   * @throws TidingsError as `send` does for what concerns all recipients; what concerns one is in the result.
   */
  broadcast<N extends keyof E & string>(
    event: N,
    source: BroadcastSource<TypesOfEvent<E, N>['input'], Recipient<TypesOfEvent<E, N>['channels']>>,
    options: BroadcastOptions<TypesOfEvent<E, N>, Recipient<TypesOfEvent<E, N>['channels']>>,
  ): Promise<BroadcastResult>;

  readonly '~events'?: E;
  readonly '~transaction'?: (transaction: Tx) => void;
}
