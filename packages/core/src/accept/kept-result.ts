import type { Sent, SentMany } from '../define/send.ts';
import { TidingsError } from '../spec/index.ts';
import type { AcceptItem } from './accept-item.ts';
import type { AcceptResult, RecipientOutcome } from './decide-accept.ts';

interface KeptResult {
  readonly v: 1;
  readonly event: string;
  readonly one?: KeptOne;
  readonly accepted?: readonly (KeptOne & { readonly index: number })[];
  readonly rejected?: readonly KeptError[];
}
interface KeptError extends Pick<TidingsError, 'code' | 'message' | 'path' | 'details'> {
  readonly index: number;
}
type KeptOne = Pick<Sent, 'id' | 'deliveries' | 'error'>;

/** The form in which a result is kept under its idempotency key. */
export function keepResult(item: AcceptItem, outcomes: readonly RecipientOutcome[]): string {
  return JSON.stringify(kept(item, outcomes));
}

function kept(item: AcceptItem, outcomes: readonly RecipientOutcome[]): KeptResult {
  const accepted = outcomes.flatMap((outcome, index) =>
    outcome.status === 'accepted'
      ? [{ index, id: outcome.id, deliveries: outcome.deliveries, ...errorOf(outcome) }]
      : [],
  );
  const rejected = outcomes.flatMap((outcome, index) =>
    outcome.status === 'rejected' ? [keptError(index, outcome.error)] : [],
  );
  const [first] = accepted;
  if (!item.many && first) {
    const { index: _, ...one } = first;
    return { v: 1, event: item.event.name, one };
  }
  return { v: 1, event: item.event.name, accepted, rejected };
}

function keptError(index: number, { code, message, path, details }: TidingsError): KeptError {
  return { index, code, message, ...(path === undefined ? {} : { path }), details };
}

function errorOf(outcome: Extract<RecipientOutcome, { status: 'accepted' }>): Pick<Sent, 'error'> {
  const { recorded } = outcome;
  return recorded ? { error: { code: recorded.code, message: recorded.message } } : {};
}

/** What `send` returns: the same for a first send and a replay, but for `replayed`. */
export function resultOf(item: AcceptItem, result: AcceptResult): Sent | SentMany {
  if (result.kind === 'refused') throw result.error;
  const replayed = result.kind === 'replayed';
  const from = replayed ? (JSON.parse(result.result) as KeptResult) : kept(item, result.outcomes);
  const sent = (one: KeptOne): Sent => ({ ...one, event: from.event, status: 'accepted', replayed });
  if (from.one) return sent(from.one);
  const errors = replayed ? [] : result.outcomes;
  return {
    accepted: (from.accepted ?? []).map(({ index, ...one }) => ({ index, ...sent(one) })),
    rejected: (from.rejected ?? []).map(({ index, code, message, ...more }) => {
      const outcome = errors[index];
      const error = outcome?.status === 'rejected' ? outcome.error : new TidingsError(code, message, more);
      return { index, error };
    }),
    replayed,
  };
}
