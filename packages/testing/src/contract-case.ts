import { type ErrorCode, TidingsError } from '@tidings/core/spec';
import { expect } from 'vitest';

/** One promise of a contract, as data: a runner registers it, and a test of the contract itself runs it alone. */
export interface ContractCase<Trial> {
  /** Stable; begins with its number in the failure model where it has one. */
  readonly name: string;
  /** What the thing on trial must be able to do for it. */
  readonly needs?: readonly ContractNeed[];
  /** Spends its time waiting on the thing on trial: may run beside others that do. */
  readonly waits?: true;
  /** Rejects when the promise is broken. */
  run(trial: Trial): Promise<void>;
}

/**
 * `advance`: its clock can be moved. `reopen`: what it kept can be opened again. `transaction`: it joins the host's.
 * `broker`: it is a queue between processes, and what carries it can be reached from outside.
 */
export type ContractNeed = 'advance' | 'reopen' | 'transaction' | 'broker';

/** Expects a rejection with a `TidingsError` of that code, and gives the error. */
export async function rejectsWith(code: ErrorCode, work: Promise<unknown>): Promise<TidingsError> {
  const error = await work.then(
    () => 'it succeeded',
    (thrown: unknown) => thrown,
  );
  if (TidingsError.is(error, code)) return error;
  expect.fail(`Expected a TidingsError ${code}, got: ${error}`);
}
