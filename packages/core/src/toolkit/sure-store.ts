import { type Clock, type Decision, type Store, TidingsError, type Work, type Writes } from '../spec/index.ts';
import { backOff } from './back-off.ts';
import { isOutcomeUnknown, unsureMs } from './outcome-unknown.ts';

// biome-ignore lint/suspicious/noExplicitAny: any transaction
type AnyStore = Store<any>;
type Decided<R> = Extract<Decision<R>, { readonly writes: Writes }>;

/** What decides on the state it finds: run twice, it does what it would have done once. */
const repeatable: ReadonlySet<Work<unknown>['kind']> = new Set(['contacts', 'suppressions', 'cancel', 'feedback']);

/**
 * The store, whose commits on contacts, suppressions and cancellations run again when the connection ended before their
 * outcome was known. One that finds nothing left to write was carried out the first time, and what it decided then is
 * its result. Accepting and settling have ways of their own.
 */
export function sureStore(store: AnyStore, clock: Clock): AnyStore {
  async function commit<R>(work: Work<R>, options?: Parameters<AnyStore['commit']>[1]): Promise<R> {
    if (!repeatable.has(work.kind) || options?.transaction !== undefined) return store.commit(work, options);
    let last: Decided<R> | undefined;
    let unsure:
      | { readonly error: unknown; readonly decided: Decided<R> | undefined; readonly until: number }
      | undefined;
    const noted: Work<R> = {
      ...work,
      decide(facts) {
        const decision = work.decide(facts);
        if (decision.more === undefined) last = decision;
        return decision;
      },
    };
    for (let failures = 1; ; failures += 1) {
      try {
        const result = await store.commit(noted, options);
        return unsure?.decided && last && isNothing(last.writes) ? unsure.decided.result : result;
      } catch (error) {
        if (!unsure && isOutcomeUnknown(error)) {
          unsure = { error, decided: last, until: clock.monotonic() + unsureMs };
        }
        if (!unsure || !mayPass(error)) throw error;
        if (clock.monotonic() >= unsure.until) throw unsure.error;
        await new Promise<void>((resolve) => clock.after(backOff(failures), resolve));
      }
    }
  }

  return new Proxy(store, {
    get(target, key) {
      if (key === 'commit') return commit;
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

function mayPass(error: unknown): boolean {
  return TidingsError.is(error, 'STORE_UNAVAILABLE') || TidingsError.is(error, 'STORE_BUSY');
}

/** Nothing, or only what is written anew each time. */
function isNothing({ suppressions, lanes: _, ...writes }: Writes): boolean {
  const lists = [suppressions?.remove, ...Object.values(writes).flatMap((part) => listsOf(part))];
  return lists.every((list) => list === undefined || list.length === 0);
}

function listsOf(part: unknown): readonly (readonly unknown[] | undefined)[] {
  if (Array.isArray(part)) return [part];
  return Object.values((part ?? {}) as Record<string, readonly unknown[] | undefined>);
}
