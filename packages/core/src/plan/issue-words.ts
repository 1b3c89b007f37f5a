import type { z } from 'zod';
import { kindOf } from '../rules/kind-of.ts';

type Issue = z.core.$ZodRawIssue;

/** Says what a schema found wrong in our words, to stand behind the path of the option. For `safeParse`. */
export function issueWords(issue: Issue): string | undefined {
  const { input } = issue;
  switch (issue.code) {
    case 'invalid_type':
      return mismatch(expectedOf(issue), input);
    case 'invalid_value':
      return mismatch(either(issue.values.map(String)), input);
    case 'too_small':
      return typeof input === 'number' ? limit(issue, 'least', issue.minimum) : tooFew(issue.origin, issue.minimum);
    case 'too_big':
      return typeof input === 'number' ? limit(issue, 'most', issue.maximum) : tooMany(issue.origin, issue.maximum);
    case 'invalid_union':
      return mismatch('of another form', input);
    // the caller names the option
    case 'unrecognized_keys':
      return undefined;
    default:
      return 'is wrong';
  }
}

/** Settings of a schema that says in its own words what it takes. */
export function mustBe(what: string): { error(issue: { code?: string; input?: unknown }): string | undefined } {
  return { error: ({ code, input }) => (code === 'unrecognized_keys' ? undefined : mismatch(what, input)) };
}

function mismatch(what: string, given: unknown): string {
  return given === undefined ? `is missing; it must be ${what}` : `must be ${what}, not ${shown(given)}`;
}

/** Texts are not repeated: they may be secrets or addresses. */
function shown(given: unknown): string {
  return typeof given === 'number' || typeof given === 'boolean' ? String(given) : kindOf(given);
}

const nouns: Readonly<Record<string, string>> = {
  string: 'a string',
  boolean: 'true or false',
  object: 'an object',
  record: 'an object',
  array: 'a list',
};

function expectedOf(issue: Issue & { readonly code: 'invalid_type' }): string {
  const { expected } = issue;
  if (expected !== 'number' && expected !== 'int') return nouns[expected] ?? `of the type ${expected}`;
  const format = (issue.inst?._zod.def as { readonly format?: unknown } | undefined)?.format;
  const whole = expected === 'int' || format === 'safeint';
  return `a ${whole ? 'whole ' : ''}number${isTime(issue) ? ' of milliseconds' : ''}`;
}

function limit(issue: Issue, end: 'least' | 'most', bound: number | bigint): string {
  return `is ${issue.input}, but must be at ${end} ${bound}${isTime(issue) ? ' milliseconds' : ''}`;
}

function tooFew(origin: string, least: number | bigint): string {
  if (least === 1) return 'must not be empty';
  return `must have at least ${least} ${unitOf(origin)}`;
}

function tooMany(origin: string, most: number | bigint): string {
  return `must have at most ${most} ${unitOf(origin)}`;
}

function unitOf(origin: string): string {
  return origin === 'string' ? 'characters' : 'entries';
}

function isTime({ path }: Issue): boolean {
  return String(path?.at(-1) ?? '').endsWith('Ms');
}

function either(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
}
