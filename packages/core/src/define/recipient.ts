import type { BuiltInChannels } from '../channels/index.ts';
import type { Channel } from '../spec/channel.ts';

/** What identifies a contact. One of them is enough to send; each is unique among your contacts. */
export interface ContactIdentifiers {
  /** A contact's id, else your own id for it (kept as `externalId`). */
  readonly id?: string | null | undefined;
  /** Your own id for the contact. At most 255 bytes. */
  readonly externalId?: string | null | undefined;
  readonly email?: string | null | undefined;
  /** E.164, such as `+46701234567`. */
  readonly phone?: string | null | undefined;
  /** A Slack member id. */
  readonly slack?: string | null | undefined;
  /** A Telegram chat id. */
  readonly telegram?: string | null | undefined;
  /** A Discord user or channel id. */
  readonly discord?: string | null | undefined;
}

/**
 * A contact as you give it: created or updated by its identifiers. A field left out (or `undefined`) keeps its value,
 * `null` removes it. Fields not named here are kept in `meta`, so an object of your own, such as a user row, fits as it is.
 */
export interface ContactFields extends ContactIdentifiers {
  readonly name?: string | null | undefined;
  readonly firstName?: string | null | undefined;
  readonly lastName?: string | null | undefined;
  /** URL of a picture. */
  readonly avatar?: string | null | undefined;
  readonly username?: string | null | undefined;
  /** A device token to add. */
  readonly pushToken?: string | undefined;
  /** Device tokens to add; `null` removes all. */
  readonly pushTokens?: readonly string[] | null | undefined;
  /** BCP 47, such as `sv-SE`. */
  readonly language?: string | null | undefined;
  /** IANA name, such as `Europe/Stockholm`. */
  readonly timezone?: string | null | undefined;
  /** Merged by key; `null` removes a key, or all. */
  readonly meta?: Readonly<Record<string, unknown>> | null | undefined;
  // `any`, not `unknown`: only then do interfaces and classes, which have no index signature, fit.
  // biome-ignore lint/suspicious/noExplicitAny: see above
  readonly [field: string]: any;
  /** A list is not a contact. */
  readonly [Symbol.iterator]?: never;
}

type CustomAddresses<Channels> = {
  readonly [K in keyof Channels as Channels[K] extends Channel<infer X> ? X['address'] : never]?:
    | string
    | readonly string[]
    | null
    | undefined;
};

/**
 * Whom to send to. A string with `@` is an e-mail address, with a leading `+` a phone number, with a leading `#` a Slack
 * channel; any other is looked up as your own id, then as a contact's id, then as a Slack id.
 */
export type Recipient<Channels = BuiltInChannels> =
  | string
  // of any channels (events loaded at run time) the address fields cannot be known
  | (0 extends 1 & Channels ? ContactFields : ContactFields & CustomAddresses<Omit<Channels, keyof BuiltInChannels>>);

/** One recipient or several. */
export type Recipients<Channels = BuiltInChannels> = Recipient<Channels> | readonly Recipient<Channels>[];

/** Names a contact that exists: a string as in {@link Recipient}, or identifiers by name, any of which will
 * do; those of two contacts throw CONFLICT. Never creates one. */
export type ContactReference = string | ContactIdentifiers;
