import type { TimelineEntry } from '../spec/index.ts';

/** Which adapter of a channel a message is tried with first: the first that works, or each message the next one. */
export type FailoverPolicy = 'ordered' | 'roundRobin';

/** What a message's timeline says of its attempts with one adapter. */
export interface Tries {
  readonly count: number;
  /** Since the message last waited for its retry schedule. */
  readonly thisRound: boolean;
  /** The provider asked not to be called before, by the store's time; 0: it did not. */
  readonly notBefore: number;
}

/** An adapter that could be the next to try. */
export interface Candidate extends Tries {
  readonly adapter: string;
  /** Attempts it may make in all. */
  readonly attempts: number;
  /** Neither paused nor failing. */
  readonly available: boolean;
}

/** Where a message goes on: at once with another adapter, or with `adapter` after its schedule and at least `waitMs`. */
export type Onward =
  | { readonly kind: 'failover'; readonly adapter: string }
  | { readonly kind: 'retry'; readonly adapter: string; readonly waitMs: number };

const never: Tries = { count: 0, thisRound: false, notBefore: 0 };

/** The attempts of a message by adapter, from its timeline. `find` gives what there is, for one that was never tried too. */
export function triesOf(timeline: readonly TimelineEntry[]): (adapter: string) => Tries {
  const tries = new Map<string, Tries>();
  let last: string | undefined;
  for (const { event, adapter, outcome, afterMs, at } of timeline) {
    if (event === 'attempt' && adapter !== undefined) {
      const { count, notBefore } = tries.get(adapter) ?? never;
      const until = typeof afterMs === 'number' && typeof at === 'number' ? at + afterMs : 0;
      tries.set(adapter, { count: count + 1, thisRound: true, notBefore: Math.max(notBefore, until) });
      last = outcome;
    }
    // After an unknown outcome the same adapter is tried again: the round goes on.
    if (event !== 'retry' || last === 'unknown') continue;
    for (const [name, one] of tries) tries.set(name, { ...one, thisRound: false });
  }
  return (adapter) => tries.get(adapter) ?? never;
}

const staysMs = 600_000;

/**
 * The adapter that alone may try a message, since what came of an attempt of its is not known and only that provider can
 * recognise it: for ten minutes after the last such attempt. Undefined: any may. `now` is the store's time.
 */
export function staysWith(timeline: readonly TimelineEntry[], now: number): string | undefined {
  const last = timeline.findLast(({ event, outcome }) => event === 'attempt' && outcome === 'unknown');
  if (!last) return undefined;
  // Without a time it is being written now.
  const { adapter } = last;
  const at = typeof last.at === 'number' ? last.at : now;
  return now - at < staysMs ? adapter : undefined;
}

/**
 * Who tries next, of adapters in their order of preference, after an attempt that did not succeed; undefined when all
 * attempts are used up. `stay`: the outcome is unknown, and only the same adapter can know the message again. Otherwise
 * every available one is tried once without waiting; then a new round begins after the wait, where one that can be called
 * soonest comes first.
 */
export function onwardFrom(
  candidates: readonly Candidate[],
  from: { readonly adapter: string; readonly stay: boolean; readonly now: number },
): Onward | undefined {
  const left = candidates.filter(({ count, attempts }) => count < attempts);
  const waitOf = ({ notBefore }: Candidate): number => Math.max(0, notBefore - from.now);
  const same = left.find(({ adapter }) => adapter === from.adapter);
  if (from.stay && same) return { kind: 'retry', adapter: same.adapter, waitMs: waitOf(same) };
  const fresh = left.find((one) => one !== same && one.available && !one.thisRound && waitOf(one) === 0);
  if (fresh) return { kind: 'failover', adapter: fresh.adapter };
  const [next] = left.toSorted((a, b) => Number(b.available) - Number(a.available) || waitOf(a) - waitOf(b));
  return next && { kind: 'retry', adapter: next.adapter, waitMs: waitOf(next) };
}

/** Adapters in the order in which a message tries them: as given, or beginning after the one at `index`. */
export function preferred<Adapter>(
  adapters: readonly Adapter[],
  policy: FailoverPolicy,
  index: number,
): readonly Adapter[] {
  if (policy === 'ordered' || adapters.length < 2) return adapters;
  const first = (index + 1) % adapters.length;
  return [...adapters.slice(first), ...adapters.slice(0, first)];
}
