/** Names of the internal helpers that the passes over a template insert; none can be written as a plain name. */
export const internalHelpers = {
  section: '\u0001section',
  required: '\u0001required',
} as const;

/** What a template is compiled against. */
export interface TemplateDialect {
  /** Names of the host's own helpers. */
  readonly hostHelpers: ReadonlySet<string>;
  readonly partials: ReadonlySet<string>;
  /** Whether a variable without a value is an error. */
  readonly strict: boolean;
  /** Whether URL attributes are guarded. */
  readonly html: boolean;
  /** Whether `{{body}}` is the rendered message, and so never escaped. */
  readonly layout: boolean;
  /** Deepest nesting of blocks or parentheses. */
  readonly deepest: number;
}
