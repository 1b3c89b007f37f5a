/** A recipient, as templates, conditions and readers see it. Everything but `id` and `meta` may be missing. */
export interface Contact {
  readonly id: string;
  /** The host's own id. */
  readonly externalId?: string;
  readonly email?: string;
  readonly phone?: string;
  readonly name?: string;
  readonly firstName?: string;
  readonly lastName?: string;
  readonly avatar?: string;
  readonly username?: string;
  readonly slack?: string;
  readonly telegram?: string;
  readonly discord?: string;
  readonly pushTokens?: readonly string[];
  /** BCP 47, such as `sv-SE`. */
  readonly language?: string;
  /** IANA name, such as `Europe/Stockholm`. */
  readonly timezone?: string;
  /** Everything else, by camelCase name. */
  readonly meta: Readonly<Record<string, unknown>>;
  /** Addresses of custom channels, by the channel's address field. */
  readonly addresses?: Readonly<Record<string, string>>;
}
