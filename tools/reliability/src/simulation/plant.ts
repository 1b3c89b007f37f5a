import type { ChannelAdapter, Clock, Store, Work, Writes } from '@tidings/core/spec';

/** Something wrong to put between an engine and what it works with. */
export interface Plant {
  readonly store?: (store: Store) => Store;
  readonly clock?: (clock: Clock) => Clock;
  readonly adapter?: (adapter: ChannelAdapter) => ChannelAdapter;
}

/** Rewrites what every commit writes, or leaves some of it out. */
export function rewriting(rewrite: (writes: Writes, work: Work<unknown>) => Writes): (store: Store) => Store {
  return (store) =>
    withMethods(store, {
      commit: (work) =>
        store.commit({
          ...work,
          decide(facts) {
            const decision = work.decide(facts);
            return decision.more ? decision : { ...decision, writes: rewrite(decision.writes, work) };
          },
        }),
    });
}

/** The port with some of its methods replaced. */
export function withMethods(store: Store, methods: Partial<Store>): Store {
  return new Proxy(store, {
    get(target, name) {
      const method: unknown = Reflect.get(methods, name) ?? Reflect.get(target, name, target);
      return typeof method === 'function' ? method.bind(target) : method;
    },
  });
}
