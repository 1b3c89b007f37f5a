import type { TidingsError } from '@tidings/core/spec';
import { kindOf } from '../kind-of.ts';
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
