import {
  type Decision,
  type Facts,
  type MessageUpdate,
  type NewIdempotency,
  type SuppressionHash,
  TidingsError,
  type Writes,
} from '../spec/index.ts';
import type { AcceptItem, AcceptRecipient } from './accept-item.ts';
import { type AcceptContext, type AcceptedRecipient, acceptRecipient, recordUnroutable } from './accept-recipient.ts';
import { createWorkingSet, type WorkingSet } from './working-set.ts';

/** What became of one send. Errors are values here: a bad item never fails its batch mates. */
export type AcceptResult =
  | { readonly kind: 'accepted'; readonly outcomes: readonly RecipientOutcome[] }
  | { readonly kind: 'replayed'; readonly result: string }
  | { readonly kind: 'refused'; readonly error: TidingsError };

/** What became of one recipient of a send. `skipped`: an earlier run of the broadcast has it. */
export type RecipientOutcome =
  | ({ readonly status: 'accepted' } & AcceptedRecipient)
  | { readonly status: 'rejected'; readonly error: TidingsError }
  | { readonly status: 'skipped'; readonly id: string };

/** A send that was accepted by an earlier commit of this process, as it stands now. */
export interface FoundAccept {
  readonly result: AcceptResult;
  /** Leased to this process, which has no room for them any more: given back. */
  readonly giveBack: readonly MessageUpdate[];
}

/** Puts the result of a send into the form that is kept under its idempotency key. */
export type KeepResult = (item: AcceptItem, outcomes: readonly RecipientOutcome[]) => string;

/** What was decided, or suppression hashes that must be read before it can be. */
export type Decided =
  | {
      readonly results: readonly AcceptResult[];
      /** Where `roundRobin` goes on, by channel. */
      readonly turns: ReadonlyMap<string, number>;
    }
  | { readonly unread: readonly SuppressionHash[] };

/**
 * Decides on a batch of sends, in order, each seeing what the one before it did. Pure: see `Work.decide`. Only a contact
 * stored under an older secret can lead to hashes that were not asked for; then nothing is written. `find`: what an
 * earlier commit, whose answer was lost, made of the send; counts down the room for what it still holds.
 */
export function decideAccept(
  items: readonly AcceptItem[],
  facts: Facts,
  asked: Parameters<typeof createWorkingSet>[1],
  on: Omit<AcceptContext, 'room' | 'turns'> & {
    readonly room: ReadonlyMap<string, number>;
    readonly turns: ReadonlyMap<string, number>;
    find(item: AcceptItem, facts: Facts, room: Map<string, number>): FoundAccept | undefined;
  },
  keep: KeepResult,
): Decision<Decided> {
  const set = createWorkingSet(facts, asked);
  const context: AcceptContext = { ...on, room: new Map(on.room), turns: new Map(on.turns) };
  const giveBack: MessageUpdate[] = [];
  const decided = new Map<AcceptItem, AcceptResult>();
  const results = items.map((item) => {
    const found = on.find(item, facts, context.room);
    if (found) {
      giveBack.push(...found.giveBack);
      return found.result;
    }
    const result = decideItem(item, set, context, keep);
    decided.set(item, result);
    return result;
  });
  if (set.unread.length > 0) return { writes: {}, result: { unread: set.unread } };
  const { messages, ...writes } = withBroadcasts(set.writes(), decided);
  return {
    writes: { ...writes, messages: { ...messages, update: giveBack } },
    result: { results, turns: context.turns },
  };
}

function decideItem(item: AcceptItem, set: WorkingSet, on: AcceptContext, keep: KeepResult): AcceptResult {
  const replay = item.idempotency && replayOf(item, set);
  if (replay) return replay;
  const outcomes = item.recipients.map((recipient): RecipientOutcome => {
    const earlier = earlierOf(item, recipient, set);
    if (earlier !== undefined) return { status: 'skipped', id: earlier };
    try {
      return { status: 'accepted', ...acceptRecipient(item, recipient, set, on) };
    } catch (error) {
      if (!TidingsError.is(error) || error.code === 'INTERNAL') throw error;
      if (item.onUnroutable === 'record')
        return { status: 'accepted', ...recordUnroutable(item, recipient, error, set, on) };
      return { status: 'rejected', error };
    }
  });
  const only = outcomes[0];
  if (!item.many && only?.status === 'rejected') return { kind: 'refused', error: only.error };
  if (item.idempotency && outcomes.some((outcome) => outcome.status === 'accepted')) {
    set.putIdempotency(keptUnder(item, keep(item, outcomes)));
  }
  return { kind: 'accepted', outcomes };
}

/** The notification an earlier run of the broadcast, or an earlier item of it, made for the recipient. */
function earlierOf({ scope, broadcast }: AcceptItem, { key }: AcceptRecipient, set: WorkingSet): string | undefined {
  if (!broadcast || !key) return undefined;
  return key.stored.map((stored) => set.recipient(scope, broadcast.id, stored)).find((id) => id !== undefined);
}

function replayOf(item: AcceptItem, set: WorkingSet): AcceptResult | undefined {
  const { key, fingerprints } = item.idempotency ?? { key: '', fingerprints: [] };
  const stored = set.idempotency(item.scope, item.event.name, key);
  if (!stored) return undefined;
  const same = fingerprints.some((print) => Buffer.compare(print, stored.fingerprint) === 0);
  if (same) return { kind: 'replayed', result: stored.result };
  return {
    kind: 'refused',
    error: new TidingsError(
      'IDEMPOTENCY_MISMATCH',
      `The idempotency key of this send of "${item.event.name}" was used before with another request. Use a new key for a new request.`,
      { path: 'idempotencyKey', details: { event: item.event.name } },
    ),
  };
}

function keptUnder(item: AcceptItem, result: string): NewIdempotency {
  const { key, fingerprints, keepMs } = item.idempotency ?? { key: '', fingerprints: [], keepMs: 0 };
  const fingerprint = fingerprints[0];
  if (!fingerprint) throw new TidingsError('INTERNAL', 'An idempotency key came without a fingerprint.');
  return { scope: item.scope, event: item.event.name, key, fingerprint, result, expiresIn: keepMs };
}

function withBroadcasts(writes: Writes, decided: ReadonlyMap<AcceptItem, AcceptResult>): Writes {
  const broadcasts = [...decided].flatMap(([item, result]) => {
    if (!item.broadcast || result.kind !== 'accepted') return [];
    const count = (status: RecipientOutcome['status']): number =>
      result.outcomes.filter((outcome) => outcome.status === status).length;
    return {
      scope: item.scope,
      id: item.broadcast.id,
      event: item.event.name,
      cursor: item.broadcast.cursor,
      status: item.broadcast.completed ? ('completed' as const) : ('running' as const),
      accepted: count('accepted'),
      rejected: count('rejected'),
    };
  });
  return broadcasts.length === 0 ? writes : { ...writes, broadcasts };
}
