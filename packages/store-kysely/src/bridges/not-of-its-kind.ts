import type { TidingsError } from '@tidings/core/spec';
import { notTransaction } from '../transaction.ts';

/** What a bridge says of a value that is no transaction of its library. */
interface Refusal {
  /** What it takes, after "must be". */
  readonly must: string;
  /** What was given, where the bridge knows it better than by its class. */
  readonly known?: string | undefined;
  /** How to mend it, as a sentence without its full stop. */
  readonly mend: string;
}

/** The error for a value that is no transaction of the library. */
export function notOfItsKind(given: unknown, { must, known, mend }: Refusal): TidingsError {
  return notTransaction(`must be ${must}, not ${known ?? kindOf(given)}. ${mend}`);
}

function kindOf(given: unknown): string {
  if (given === undefined || given === null) return String(given);
  if (typeof given !== 'object') return `a ${typeof given}`;
  // never what the value says of itself: it may hold a password
  const name: unknown = Object.getPrototypeOf(given)?.constructor?.name;
  if (typeof name !== 'string' || name === '' || name === 'Object') return 'a plain object';
  return `${/^[AEIOU]/i.test(name) ? 'an' : 'a'} ${name}`;
}
