/** What the host's helper gets as its last argument. */
export interface TemplateHelperCall {
  /** The name it was called by. */
  readonly name: string;
  /** The `key=value` arguments. */
  readonly hash: Readonly<Record<string, unknown>>;
  /** Language tag of the template. Default: `en`. */
  readonly language: string;
  /** IANA time zone of the contact. Default: `UTC`. */
  readonly timeZone: string;
  /** Renders the body of a block with the given context; absent when the helper is not used as a block. */
  readonly fn?: (context: unknown) => string;
  /** Renders the `{{else}}` of a block; absent when the helper is not used as a block. */
  readonly inverse?: (context: unknown) => string;
}

/**
 * A helper of the host: a plain function that is called with the arguments written in the template and, last, a
 * {@link TemplateHelperCall}; `this` is the context. It must be synchronous. What it returns is escaped like a variable; to
 * write markup, call it with three braces: `{{{badge status}}}`.
 */
export type TemplateHelper = (this: unknown, ...args: any[]) => unknown;
