import type { Escape } from './escape-value.ts';

/** What a built-in helper is given besides its arguments. */
export interface HelperCall {
  readonly hash: Readonly<Record<string, unknown>>;
  readonly language: string;
  readonly timeZone: string;
  readonly escape: Escape;
  readonly now: () => number;
  /** To be called for every item a helper goes through: checks the time limit. */
  readonly visit: () => void;
  /** The longest text a template may give, in characters. */
  readonly mostCharacters: number;
}

/** What the compile-time check and the documentation know of a helper. */
export interface HelperForm {
  /** How it is written. */
  readonly usage: string;
  /** What it gives. */
  readonly gives: string;
  /** Number of arguments, `name=value` not counted. */
  readonly arguments: readonly [least: number, most: number];
  /** `only`: always a block. `also`: a block that shows its body when the result is true. Default: never a block. */
  readonly block?: 'only' | 'also';
  /**
   * Whether a variable without a value may be passed in strict rendering. `with-else`: when the block has an `{{else}}`.
   * Default: it may not.
   */
  readonly tolerant?: true | 'with-else';
}

/** A built-in helper. */
export interface HelperDefinition extends HelperForm {
  readonly run: (args: readonly unknown[], call: HelperCall) => unknown;
}
