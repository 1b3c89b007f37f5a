import type { ChannelAdapter, OutgoingMessage } from '@tidings/core/spec';

/**
 * How a fake provider treats a request:
 *
 * - `accept`: takes it · `reject`: refuses it for good · `badAddress`: says there is no such recipient;
 * - `retry`: fails for now (a 5xx, a 4yz) · `rateLimit`: says there were too many · `auth`: refuses the credentials;
 * - `hang`: takes all of it and never answers · `reset`: takes all of it and drops the connection;
 * - `refuse`: does not even take the connection · `malformed`: answers with what cannot be understood.
 */
export type Behaviour =
  | 'accept'
  | 'reject'
  | 'badAddress'
  | 'retry'
  | 'rateLimit'
  | 'hang'
  | 'reset'
  | 'refuse'
  | 'auth'
  | 'malformed';

/** A request as the provider understood it. It is listed once all of it has arrived, before it is answered. */
export interface ProviderRequest {
  /** The id the provider answers with. */
  readonly id?: string;
  /** The key it would recognise a repeated message by. */
  readonly key?: string;
  /** Everyone it would deliver to. */
  readonly recipients: readonly string[];
  /** Names of all that arrived: headers, fields. A text must never add to them. */
  readonly parts: readonly string[];
  /** Each text of the message as a reader would see it. */
  readonly texts: readonly string[];
}

/** A provider that runs on this machine: a real server, with the behaviours of a real one. */
export interface FakeProvider {
  /** Treats the next request like this; those after it are accepted again. Before the first call it accepts. */
  next(behaviour: Behaviour, hint?: { readonly retryAfter?: string }): void | Promise<void>;
  /** What arrived, oldest first. */
  readonly requests: readonly ProviderRequest[];
}

/** An adapter and the provider it talks to, both fresh. */
export interface AdapterKit {
  readonly adapter: ChannelAdapter;
  /** A message it can send, with a new id; `text` stands alone in every field that takes free text, names included. */
  // biome-ignore lint/suspicious/noExplicitAny: the contract does not look inside
  message(text?: string): OutgoingMessage<any, any>;
  readonly provider: FakeProvider;
  /** Every credential the adapter was given. Make each unique, and let the provider's errors repeat what it was sent. */
  readonly secrets: readonly string[];
  /** Ends the provider. The adapter has been closed before. */
  close?(): Promise<void>;
}

/** What a provider may lack besides behaviours: a wait told with a rate limit, an id in its answers, a key, secrets. */
export type Trait = 'retryAfter' | 'providerId' | 'key' | 'secrets';

/** What `testAdapter` takes besides the factory. */
export interface AdapterContractOptions {
  /** What this provider or adapter cannot show, each with the reason; the reason is printed. */
  readonly cannot?: { readonly [What in Exclude<Behaviour, 'accept'> | Trait]?: string };
  /** Makes a text sent and one that arrived comparable, after runs of white space and control characters became one space. */
  readonly normalize?: (text: string) => string;
  /** How long to wait for what must happen: a request to arrive, a socket to close. In ms. Default: 10,000. */
  readonly patienceMs?: number;
}
