import type { ChannelAdapter } from '@tidings/core';
import type { CommitOptions, Facts, MessageUpdate, Store, Work } from '@tidings/core/spec';

// Bugs on purpose, wrapped around the ports: a harness that has never failed proves nothing. Each must end a run with 1.

/** What a plant does to the ports of a worker. */
export interface Plant {
  store?(store: Store): Store;
  adapter?<A extends ChannelAdapter>(adapter: A): A;
}

const over = (store: Store, changed: Partial<Store>): Store => Object.assign(Object.create(store) as Store, changed);

/** Every plant by its name, as `--plant` takes it. */
export const plants: Readonly<Record<string, Plant>> = {
  /** A send is acknowledged before it is committed. */
  'ack-before-commit': {
    store: (store) =>
      over(store, {
        async commit<R>(work: Work<R>, options?: CommitOptions<never>): Promise<R> {
          if (work.kind !== 'accept') return store.commit(work, options);
          const result = await foresee(store, work);
          setTimeout(() => store.commit(work, options).catch(() => {}), 200);
          return result;
        },
      }),
  },
  /** Keys are not kept. */
  'no-idempotency': {
    store: (store) =>
      over(store, {
        commit<R>(work: Work<R>, options?: CommitOptions<never>): Promise<R> {
          return store.commit(
            {
              ...work,
              decide(facts) {
                const decision = work.decide(facts);
                if (decision.more !== undefined) return decision;
                const { idempotency: _, ...writes } = decision.writes;
                return { ...decision, writes };
              },
            },
            options,
          );
        },
      }),
  },
  /** What an attempt came to is not written. */
  'forget-settle': {
    store: (store) =>
      over(store, {
        async commit<R>(work: Work<R>, options?: CommitOptions<never>): Promise<R> {
          if (work.kind !== 'settle' || Math.random() > 0.1) return store.commit(work, options);
          const decision = work.decide(noFacts);
          if (decision.more !== undefined) return store.commit(work, options);
          return decision.result;
        },
      }),
  },
  /** The provider is asked twice for one attempt. */
  'double-call': {
    adapter: (adapter) => ({
      ...adapter,
      async send(message, call) {
        const outcome = await adapter.send(message, call);
        return message.id.endsWith('0') ? adapter.send(message, call) : outcome;
      },
    }),
  },
  /** Leases end at once, so that others claim what is held. */
  'ignore-lease': {
    store: (store) =>
      over(store, {
        claim: (request) => store.claim({ ...request, leaseMs: 1 }),
        commit<R>(work: Work<R>, options?: CommitOptions<never>): Promise<R> {
          return store.commit(
            {
              ...work,
              decide(facts) {
                const decision = work.decide(facts);
                const insert = decision.more === undefined ? decision.writes.messages?.insert : undefined;
                if (decision.more !== undefined || !insert) return decision;
                const short = insert.map((row) => (row.leaseIn === null ? row : { ...row, leaseIn: 1 }));
                return {
                  ...decision,
                  writes: { ...decision.writes, messages: { ...decision.writes.messages, insert: short } },
                };
              },
            },
            options,
          );
        },
      }),
  },
  /** A settlement is written whoever holds the message by now. */
  'no-fence': {
    store: (store) =>
      over(store, {
        commit<R>(work: Work<R>, options?: CommitOptions<never>): Promise<R> {
          if (work.kind !== 'settle') return store.commit(work, options);
          let wanted: readonly MessageUpdate[] | undefined;
          return store.commit(
            {
              ...work,
              attempts: 10,
              decide(facts) {
                const decision = work.decide(facts);
                if (decision.more !== undefined) return decision;
                wanted ??= decision.writes.messages?.update ?? [];
                const rows = new Map(facts.messages.map((row) => [row.id, row]));
                const missing = wanted.filter(({ id }) => !rows.has(id));
                if (missing.length > 0) {
                  return { more: { messages: missing.map(({ scope, id }) => ({ scope, id })), lock: true } };
                }
                const update = wanted.map((row) => ({ ...row, epoch: rows.get(row.id)?.epoch ?? row.epoch }));
                return { ...decision, writes: { ...decision.writes, messages: { update } } };
              },
            },
            options,
          );
        },
      }),
  },
  /** A suppression is looked up only where a message is accepted, and stops nothing that waits. */
  'suppression-outside-claim': {
    store: (store) =>
      over(store, {
        load: (reads) => {
          const { suppressions: _, ...rest } = reads;
          return store.load(rest);
        },
        async commit<R>(work: Work<R>, options?: CommitOptions<never>): Promise<R> {
          if (work.kind !== 'cancel') return store.commit(work, options);
          const decision = work.decide(await store.load(work.reads));
          if (decision.more !== undefined) return store.commit(work, options);
          return decision.result;
        },
      }),
  },
};

const noFacts: Facts = {
  now: 0,
  contacts: [],
  idempotency: [],
  suppressions: [],
  notifications: [],
  messages: [],
  contents: [],
  broadcasts: [],
  recipients: [],
};

/** What a commit would result in, were it made. */
async function foresee<R>(store: Store, work: Work<R>): Promise<R> {
  let { reads } = work;
  for (;;) {
    const decision = work.decide(await store.load(reads));
    if (decision.more === undefined) return decision.result;
    const more = Object.entries(decision.more).map(([key, keys]) => {
      const before = (reads as Record<string, unknown>)[key];
      return [key, Array.isArray(keys) ? [...(Array.isArray(before) ? before : []), ...keys] : keys];
    });
    reads = { ...reads, ...Object.fromEntries(more) };
  }
}
