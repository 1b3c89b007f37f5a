import type { Scope } from './scope.ts';

/** Delivers on one channel through one provider. */
export interface ChannelAdapter<Name extends string = string> {
  /** The version of this interface. */
  readonly specVersion: 1;
  /** Unique within an engine; names the lane and stands in traces. Two adapters of one provider need two names. */
  readonly name: string;
  /** Name of the channel it delivers on. */
  readonly channel: Name;
  /** How much it takes at once. */
  readonly lane?: LaneOptions;
  /** Longest a call may take, in ms, before its outcome counts as unknown. Default: 15,000. */
  readonly deadlineMs?: number;
  /** Attempts in all, the first included. Default: 5. */
  readonly attempts?: number;
  /** Used when neither the send nor the engine names a sender; counts as verified. */
  readonly defaultSender?: Sender;
  /** The senders the provider has confirmed; asked when an unlisted one is wanted, cached for 5 minutes. */
  senders?(): Promise<readonly Sender[]>;
  /**
   * One call of the provider for one message. Returns an outcome or throws: a `TidingsError` counts as `retry`
   * when it is `retryable`, else as `rejected`; anything else counts as `unknown`. Never retries by itself.
   */
  // biome-ignore lint/suspicious/noExplicitAny: content is typed by defineAdapter
  send(message: OutgoingMessage<any>, call: AdapterCall): Promise<Outcome>;
  /** Several messages in one call; the outcomes in the same order. Optional. */
  // biome-ignore lint/suspicious/noExplicitAny: content is typed by defineAdapter
  sendMany?(messages: readonly OutgoingMessage<any>[], call: AdapterCall): Promise<readonly Outcome[]>;
  /** Frees sockets and timers when the engine stops. */
  close?(): Promise<void>;
}

/** Settings of a lane: every adapter has one, in every process. */
export interface LaneOptions {
  /** Calls at once. Default: 200. */
  readonly slots?: number;
  /** At most `limit` calls begin in any `perMs` milliseconds, over all processes together. Default: no limit. */
  readonly rate?: { readonly limit: number; readonly perMs: number };
}

/** Who a message comes from: an e-mail address, a phone number or sender id, with an optional name. */
export interface Sender {
  readonly address: string;
  readonly name?: string;
}

/** What accompanies one call. */
export interface AdapterCall {
  /** Aborted at the deadline and when the engine stops. */
  readonly signal: AbortSignal;
  /** 1 for the first. */
  readonly attempt: number;
  /** For the provider's de-duplication: the message's id, the same over all attempts. */
  readonly key: string;
  /** For feedback: `<key>.<attempt>`, to be sent along where the provider returns such a tag. */
  readonly tag: string;
}

/** A rendered message on its way out. */
export interface OutgoingMessage<Content = Record<string, unknown>, Overrides = Record<string, unknown>> {
  readonly id: string;
  readonly event: string;
  readonly channel: string;
  /** The address as the contact gave it. */
  readonly to: string;
  /** The contact's name, where known. */
  readonly toName?: string;
  readonly from?: Sender;
  /** The rendered fields of the channel's template. */
  readonly content: Content;
  /** The channel's own settings of this send; addresses in them are already checked. */
  readonly overrides: Overrides;
  readonly scope: Scope;
  readonly language: string;
  readonly category: string;
}

/** What a call came to. Expected results are values, not exceptions. */
export type Outcome = (
  | { readonly outcome: 'accepted'; readonly providerId?: string }
  | { readonly outcome: 'retry'; readonly reason: string; readonly afterMs?: number }
  | { readonly outcome: 'rejected'; readonly reason: string }
  | { readonly outcome: 'badAddress'; readonly reason: string }
  | { readonly outcome: 'misconfigured'; readonly reason: string }
  | { readonly outcome: 'unknown'; readonly reason: string }
) & {
  /** The provider's own code, for the trace. */
  readonly code?: string;
  /** Pauses the adapter's lane everywhere, as after a 429. */
  readonly lane?: { readonly pauseMs: number };
  /** Copies (cc, bcc) the provider refused: their number and its words, for the trace. */
  readonly refusedCopies?: { readonly count: number; readonly reason: string };
};
