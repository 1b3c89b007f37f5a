import type { Store, Work } from '@tidings/core/spec';
import { TidingsError } from '@tidings/core/spec';
import type { InvariantId } from '../invariants/violation.ts';
import type { FaultMode } from './fault.ts';
import { type Plant, rewriting, withMethods } from './plant.ts';

/** A promise broken on purpose, between a sound engine and a sound store: what watches over it must see it. */
export interface PlantedBug {
  readonly bug: string;
  readonly plant: Plant;
  /** Which promise it breaks. */
  readonly breaks: readonly InvariantId[];
  /** Where it shows. */
  readonly scenarios: readonly string[];
  /** Faults it needs to show; empty: it shows by itself. Default: all. */
  readonly modes?: readonly FaultMode[];
}

/** The change with the epoch that its message has by now. */
async function unfenced<R>(store: Store, work: Work<R>): Promise<R> {
  try {
    return await store.commit(work);
  } catch (error) {
    if (!TidingsError.is(error, 'STORE_CONFLICT')) throw error;
  }
  const decision = work.decide(await store.load(work.reads));
  if (decision.more) return store.commit(work);
  const given = decision.writes.messages?.update ?? [];
  const { messages } = await store.load({ messages: given });
  const update = given.map((row) => ({ ...row, epoch: messages.find(({ id }) => id === row.id)?.epoch ?? row.epoch }));
  const writes = { ...decision.writes, notifications: {}, messages: { ...decision.writes.messages, update } };
  return store.commit({ ...work, attempts: 1, decide: () => ({ ...decision, writes }) });
}

/** The bugs that prove the checks: each must be found. */
export const plantedBugs: readonly PlantedBug[] = [
  {
    bug: 'a settlement under a stale epoch is taken',
    breaks: ['I8', 'I6'],
    scenarios: ['two-processes', 'single-send'],
    modes: ['freeze'],
    plant: {
      store: (store) =>
        withMethods(store, { commit: (work) => (work.kind === 'settle' ? unfenced(store, work) : store.commit(work)) }),
    },
  },
  {
    bug: 'a send is acknowledged before it is committed',
    breaks: ['I1'],
    scenarios: ['single-send'],
    plant: {
      store: (store) =>
        withMethods(store, {
          async commit(work) {
            if (work.kind !== 'accept') return store.commit(work);
            const decision = work.decide(await store.load(work.reads));
            if (decision.more) return store.commit(work);
            // The commit itself would come later, and the process ended first.
            return decision.result;
          },
        }),
    },
  },
  {
    bug: 'suppressions are not looked at when a message is claimed',
    breaks: ['I4'],
    scenarios: ['suppress-while-a-retry-waits', 'suppress-what-waits-for-a-slot'],
    plant: {
      store: (store) =>
        withMethods(store, {
          async load(reads) {
            const facts = await store.load(reads);
            return Object.keys(reads).join() === 'suppressions' ? { ...facts, suppressions: [] } : facts;
          },
          commit: (work) => (work.kind === 'cancel' ? nothing(store, work) : store.commit(work)),
        }),
    },
  },
  {
    bug: 'suppressions are not looked at when a send is accepted',
    breaks: ['I4'],
    scenarios: ['suppress-meanwhile', 'two-tenants'],
    plant: {
      store: (store) =>
        withMethods(store, {
          commit: (work) =>
            store.commit(
              work.kind === 'accept'
                ? { ...work, decide: (facts) => work.decide({ ...facts, suppressions: [] }) }
                : work,
            ),
        }),
    },
  },
  {
    bug: 'a claim takes what others have leased',
    breaks: ['I3', 'I8', 'I6'],
    scenarios: ['late-answer', 'two-processes'],
    plant: { store: (store) => withMethods(store, { claim: (request) => store.claim({ ...request, leaseMs: 1 }) }) },
  },
  {
    bug: 'a lease never lapses',
    breaks: ['I2'],
    scenarios: ['single-send', 'concurrent-sends'],
    modes: ['crash-after', 'crash-before'],
    plant: {
      store: (store) =>
        rewriting((writes) => ({
          ...writes,
          messages: {
            ...writes.messages,
            insert: (writes.messages?.insert ?? []).map((row) =>
              row.leaseIn === null ? row : { ...row, leaseIn: 1e10 },
            ),
          },
        }))(withMethods(store, { claim: (request) => store.claim({ ...request, leaseMs: 1e10 }) })),
    },
  },
  {
    bug: 'a settlement is lost and said to be written',
    breaks: ['I3'],
    scenarios: ['single-send', 'concurrent-sends'],
    plant: {
      store: (store) => {
        let lost = 0;
        return withMethods(store, {
          async commit(work) {
            if (work.kind !== 'settle' || lost > 0) return store.commit(work);
            const decision = work.decide(await store.load(work.reads));
            if (decision.more) return store.commit(work);
            lost += 1;
            return decision.result;
          },
        });
      },
    },
  },
  {
    bug: 'an attempt is not counted',
    breaks: ['I3', 'I8'],
    scenarios: ['retry-then-success', 'attempts-exhausted'],
    plant: {
      store: rewriting((writes) => ({
        ...writes,
        messages: {
          ...writes.messages,
          update: (writes.messages?.update ?? []).map((row) =>
            row.status === 'queued' ? { ...row, attempts: Math.max(0, row.attempts - 1) } : row,
          ),
        },
      })),
    },
  },
  {
    bug: 'an idempotency key is not kept',
    breaks: ['I5'],
    scenarios: ['idempotent-replay', 'same-key-at-once'],
    plant: { store: rewriting(({ idempotency: _, ...writes }) => writes) },
  },
  {
    bug: 'idempotency keys have no scope',
    breaks: ['I1', 'I10', 'I5'],
    scenarios: ['two-tenants'],
    plant: {
      store: (store) => {
        const kept = new Map<string, { readonly key: string; readonly row: never }>();
        return withMethods(store, {
          commit: (work) =>
            store.commit({
              ...work,
              decide(facts) {
                const wanted = work.reads.idempotency ?? [];
                const others = wanted.flatMap(({ scope, key }) => {
                  const found = kept.get(key);
                  return found ? [{ ...(found.row as object), scope } as never] : [];
                });
                const decision = work.decide({ ...facts, idempotency: [...facts.idempotency, ...others] });
                for (const row of decision.more ? [] : (decision.writes.idempotency ?? [])) {
                  kept.set(row.key, { key: row.key, row: { ...row, expiresAt: facts.now + row.expiresIn } as never });
                }
                return decision;
              },
            }),
        });
      },
    },
  },
  {
    bug: 'a call is made under another tenant',
    breaks: ['I10', 'I2'],
    scenarios: ['two-tenants'],
    plant: {
      store: (store) =>
        withMethods(store, {
          async claim(request) {
            const got = await store.claim(request);
            return { ...got, messages: got.messages.map((one) => ({ ...one, message: { ...one.message, scope: 1 } })) };
          },
        }),
    },
  },
  {
    bug: 'a message that ended is opened again',
    breaks: ['I6', 'I3', 'I2'],
    scenarios: ['single-send'],
    plant: {
      store: rewriting((writes) => ({
        ...writes,
        messages: {
          ...writes.messages,
          update: (writes.messages?.update ?? []).map((row) =>
            row.status === 'sent' && row.attempts < 3 ? { ...row, status: 'queued', dueIn: 100 } : row,
          ),
        },
      })),
    },
  },
  {
    bug: 'an erasure leaves what was rendered and the payload',
    breaks: ['I11'],
    scenarios: ['erase-meanwhile'],
    plant: { store: (store) => withMethods(store, { erase: async () => ({ done: true }) }) },
  },
  {
    bug: 'what is taken back keeps its epoch and stays due',
    breaks: ['I4', 'I2'],
    scenarios: ['suppress-while-a-retry-waits', 'suppress-what-waits-for-a-slot', 'erase-meanwhile'],
    plant: {
      store: (store) =>
        withMethods(store, {
          commit: (work) => (work.kind === 'cancel' ? nothing(store, work) : store.commit(work)),
          async load(reads) {
            const facts = await store.load(reads);
            return Object.keys(reads).join() === 'suppressions' ? { ...facts, suppressions: [] } : facts;
          },
        }),
    },
  },
  {
    bug: 'a channel that holds does not mark its calls',
    breaks: ['I3'],
    scenarios: ['hold-marks-first', 'unknown-held'],
    modes: ['crash-after', 'stall'],
    plant: {
      store: (store) =>
        withMethods(store, {
          async claim(request) {
            const got = await store.claim(request);
            return {
              ...got,
              messages: got.messages.map((one) => ({ ...one, message: { ...one.message, callingAt: null } })),
            };
          },
        }),
    },
  },
  {
    bug: 'a retry repeats the sibling that succeeded',
    breaks: ['I3', 'I6'],
    scenarios: ['push-partly-failing'],
    plant: {
      store: (store) =>
        withMethods(store, {
          commit: (work) =>
            store.commit({
              ...work,
              decide(facts) {
                const decision = work.decide(facts);
                if (decision.more) return decision;
                const update = decision.writes.messages?.update ?? [];
                const waits = update.some((row) => row.status === 'queued' && row.dueIn !== null);
                if (!waits) return decision;
                const again = update.map((row) =>
                  row.status === 'sent' ? { ...row, status: 'queued' as const, dueIn: 500 } : row,
                );
                return {
                  ...decision,
                  writes: { ...decision.writes, messages: { ...decision.writes.messages, update: again } },
                };
              },
            }),
        }),
    },
  },
  {
    bug: 'a retry does not wait until it is due',
    breaks: ['I9'],
    scenarios: ['retry-then-success', 'retry-after', 'misconfigured'],
    plant: {
      store: rewriting((writes) => ({
        ...writes,
        messages: {
          ...writes.messages,
          update: (writes.messages?.update ?? []).map((row) => (row.dueIn === null ? row : { ...row, dueIn: 0 })),
        },
      })),
    },
  },
  {
    bug: 'a chunk of a broadcast is accepted twice',
    breaks: ['I7'],
    scenarios: ['broadcast-resumed'],
    modes: ['crash-after', 'throw-after'],
    plant: {
      store: (store) =>
        rewriting((writes) => ({
          ...writes,
          notifications: {
            ...writes.notifications,
            insert: (writes.notifications?.insert ?? []).map((row) =>
              row.broadcastId === null ? row : { ...row, recipientKey: `${row.recipientKey}${row.id}` },
            ),
          },
        }))(store),
    },
  },
  {
    bug: 'a broadcast leaves out the recipients after a resumed chunk',
    breaks: ['I7', 'I1'],
    scenarios: ['broadcast-resumed'],
    plant: {
      store: rewriting((writes) => {
        const cast = writes.notifications?.insert?.filter((row) => row.broadcastId !== null) ?? [];
        const last = cast.at(-1)?.id;
        if (last === undefined) return writes;
        return {
          ...writes,
          notifications: {
            ...writes.notifications,
            insert: (writes.notifications?.insert ?? []).filter((row) => row.id !== last),
          },
          messages: {
            ...writes.messages,
            insert: (writes.messages?.insert ?? []).filter((row) => row.notificationId !== last),
          },
        };
      }),
    },
  },
  {
    bug: 'a message that waits for its retry stays leased when its process stops',
    breaks: ['I13'],
    scenarios: ['stop-and-start'],
    plant: {
      store: rewriting((writes) => ({
        ...writes,
        messages: {
          ...writes.messages,
          update: (writes.messages?.update ?? []).map((row) =>
            row.status === 'queued' && row.dueIn !== null ? { ...row, calling: true, leaseIn: 3_000 } : row,
          ),
        },
      })),
    },
  },
  {
    bug: 'stop leaves timers running',
    breaks: ['I13'],
    scenarios: ['single-send'],
    plant: { clock: (clock) => ({ ...clock, after: (...given) => ({ ...clock.after(...given), cancel() {} }) }) },
  },
  {
    bug: 'a provider is called twice for one attempt',
    breaks: ['I3'],
    scenarios: ['single-send'],
    plant: {
      adapter: (adapter) => ({
        ...adapter,
        async send(message, call) {
          await adapter.send(message, call);
          return adapter.send(message, call);
        },
      }),
    },
  },
];

/** Decides, and writes nothing. */
async function nothing<R>(store: Store, work: Work<R>): Promise<R> {
  const decision = work.decide(await store.load(work.reads));
  return decision.more ? store.commit(work) : decision.result;
}
