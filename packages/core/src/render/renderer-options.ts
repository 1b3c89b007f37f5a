import { TidingsError } from '../spec/errors.ts';
import { reservedRoots } from './build-root.ts';
import { blockForms } from './helper-catalog.ts';
import type { TemplateHelper } from './template-helper.ts';

/** Limits that keep one template from holding up everything else. */
export interface RendererLimits {
  /** Longest rendered text, in bytes of UTF-8. Default: 1 MiB. */
  readonly outputBytes?: number;
  /** Deepest nesting of blocks and partials; an `else if` counts as one. Default: 64; at most 1000. */
  readonly depth?: number;
  /** Longest rendering, in milliseconds. Default: 2000. */
  readonly timeMs?: number;
  /** Compiled templates kept per way of escaping, least recently used dropped first. Default: 1000. */
  readonly templates?: number;
  /** Longest source of a template, partial or layout, in characters. Default: 262144. */
  readonly sourceBytes?: number;
}

/** What a renderer is made of. */
export interface RendererOptions {
  /** Templates that others include with `{{> name}}`. Default: none. */
  readonly partials?: Readonly<Record<string, string>>;
  /** Templates around a message; each writes `{{{body}}}` where the message goes. Default: none. */
  readonly layouts?: Readonly<Record<string, string>>;
  /** The host's own helpers, which win over built-in ones of the same name. Default: none. */
  readonly helpers?: Readonly<Record<string, TemplateHelper>>;
  /** Whether a variable without a value is an error. Default: false, it renders as nothing. */
  readonly strict?: boolean;
  /** The time, in milliseconds since 1970; `{{date "now"}}` and `{{relative when}}` use it. */
  readonly now: () => number;
  /** A clock that never goes back, in milliseconds; the time limit uses it. */
  readonly monotonic: () => number;
  readonly limits?: RendererLimits;
}

/** The limits with their defaults filled in. */
export type FullLimits = Readonly<Record<keyof RendererLimits, number>>;

const defaults: Record<keyof RendererLimits, number> = {
  outputBytes: 1_048_576,
  depth: 64,
  timeMs: 2000,
  templates: 1000,
  sourceBytes: 262_144,
};

const helperName = /^[A-Za-z_$][\w$-]*$/;
const takenNames = new Set([
  ...Object.keys(blockForms),
  'lookup',
  'else',
  'this',
  'true',
  'false',
  'null',
  'undefined',
  'as',
]);

function invalid(path: string, problem: string): TidingsError {
  return new TidingsError('CONFIGURATION_INVALID', `${path} ${problem}`, { path });
}

/**
 * The host's helpers by name.
 *
 * @throws CONFIGURATION_INVALID for a name that is taken or cannot be written, or a helper that is no function.
 */
export function checkedHelpers(record: RendererOptions['helpers']): Map<string, TemplateHelper> {
  const helpers = new Map(Object.entries(record ?? {}));
  for (const [name, helper] of helpers) {
    const path = `helpers.${name}`;
    if (!helperName.test(name))
      throw invalid(path, 'has a name that cannot be written in a template; use letters, digits, _ and -.');
    if (takenNames.has(name) || reservedRoots.has(name))
      throw invalid(path, 'has a name that is already taken; choose another.');
    if (typeof helper !== 'function') throw invalid(path, 'must be a function.');
  }
  return helpers;
}

/**
 * The limits with their defaults.
 *
 * @throws CONFIGURATION_INVALID for one that is not a number above 0, or a depth above 1000.
 */
export function fullLimits(limits: RendererLimits = {}): FullLimits {
  const full = { ...defaults };
  for (const name of Object.keys(defaults) as (keyof RendererLimits)[]) {
    const value = limits[name] ?? defaults[name];
    if (!(typeof value === 'number' && value > 0)) throw invalid(`limits.${name}`, 'must be a number above 0.');
    // Beyond this the compiler and the stack give out first.
    if (name === 'depth' && value > 1000) throw invalid('limits.depth', 'must be at most 1000.');
    full[name] = value;
  }
  return full;
}
