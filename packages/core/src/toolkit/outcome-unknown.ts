import { TidingsError } from '../spec/index.ts';

/** Whether a commit failed in such a way that it may have been carried out: only reading tells. */
export function isOutcomeUnknown(error: unknown): boolean {
  return TidingsError.is(error, 'STORE_UNAVAILABLE') && error.details.outcome === 'unknown';
}

/** How long an unknown outcome is asked after, in ms, however little the host wants to wait. */
export const unsureMs = 5000;
