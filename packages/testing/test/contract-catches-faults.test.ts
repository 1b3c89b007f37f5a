import { type ClaimRequest, type Facts, memoryStore, type Store, TidingsError, type Writes } from '@tidings/core';
import { type FakeClock, fakeClock, storeCases, tryOn } from '@tidings/testing';
import { describe, expect, it } from 'vitest';

// A contract that cannot fail proves nothing: each fault, planted in a sound store, must be caught by the case named.

type Fault = (store: Store, clock: FakeClock) => Partial<Store>;

/** Rewrites the writes of every commit. */
function rewriting(rewrite: (writes: Writes, facts: Facts) => Writes): Fault {
  return (store) => ({
    commit: (work) =>
      store.commit({
        ...work,
        decide(facts) {
          const decision = work.decide(facts);
          return decision.more ? decision : { ...decision, writes: rewrite(decision.writes, facts) };
        },
      }),
  });
}

const lower = <Row extends { kind: string; value: string }>(rows: readonly Row[] = []): Row[] =>
  rows.map((row) => ({ ...row, value: row.value.toLowerCase() }));

const faults: readonly { readonly fault: string; readonly caughtBy: readonly string[]; readonly plant: Fault }[] = [
  {
    fault: 'the epoch guard is ignored',
    caughtBy: [
      'S24 stale-epoch-settle: a conflict, nothing changed',
      'S21 lease-expiry-reclaim: lapsed, and the epoch raised',
    ],
    plant: (store) => ({
      async commit(work) {
        const guessed = { ...work, attempts: 1 };
        try {
          return await store.commit(guessed);
        } catch (error) {
          if (!TidingsError.is(error, 'STORE_CONFLICT')) throw error;
          const decision = work.decide(await store.load(work.reads));
          if (decision.more) throw error;
          const { messages } = await store.load({ messages: decision.writes.messages?.update ?? [] });
          const update = decision.writes.messages?.update?.map((row) => ({
            ...row,
            epoch: messages.find(({ id }) => id === row.id)?.epoch ?? row.epoch,
          }));
          if (!update) throw error;
          const writes = { ...decision.writes, messages: { ...decision.writes.messages, update } };
          return store.commit({ ...guessed, decide: () => ({ ...decision, writes }) });
        }
      },
    }),
  },
  {
    fault: 'idempotency keys are not scoped',
    caughtBy: ['S15 idem-tenant-scoped: scope, event and key together', 'S36 tenant-isolation-every-method: reads'],
    plant: (store) => ({
      ...rewriting((writes) => ({
        ...writes,
        ...(writes.idempotency ? { idempotency: writes.idempotency.map((row) => ({ ...row, scope: 1 })) } : {}),
      }))(store, fakeClock()),
      load: (reads) =>
        store.load({ ...reads, idempotency: (reads.idempotency ?? []).map((key) => ({ ...key, scope: 1 })) }),
    }),
  },
  {
    fault: 'a claim ignores when rows are due',
    caughtBy: ['S18 claim-respects-due', 'random-histories: claims, settles, cancels and time, against a model'],
    plant: rewriting((writes) => ({
      ...writes,
      messages: {
        ...writes.messages,
        insert: (writes.messages?.insert ?? []).map((row) => (row.dueIn === null ? row : { ...row, dueIn: 0 })),
      },
    })),
  },
  {
    fault: 'a claim ignores live leases',
    caughtBy: [
      'S17 claim-exclusive: no row twice, none left',
      'S21 lease-expiry-reclaim: lapsed, and the epoch raised',
    ],
    plant: (store) => ({ claim: (request: ClaimRequest) => store.claim({ ...request, leaseMs: 0 }) }),
  },
  {
    fault: 'a claim ignores priorities',
    caughtBy: ['S19 claim-priority-order: band first, then the earlier due'],
    plant: rewriting((writes) => ({
      ...writes,
      messages: { ...writes.messages, insert: (writes.messages?.insert ?? []).map((row) => ({ ...row, priority: 1 })) },
    })),
  },
  {
    fault: 'identifiers are compared without case',
    caughtBy: ['four-external-ids: abc, ABC, "abc ", ábc are four people'],
    plant: (store) => ({
      ...rewriting((writes) => ({
        ...writes,
        identifiers: {
          remove: lower(writes.identifiers?.remove),
          insert: lower(writes.identifiers?.insert),
          move: lower(writes.identifiers?.move),
        },
      }))(store, fakeClock()),
      load: (reads) => store.load({ ...reads, identifiers: lower(reads.identifiers) }),
    }),
  },
  {
    fault: 'erasing leaves what was rendered',
    caughtBy: ['S37 erase-subject: nothing plain is left, the hashes are'],
    plant: (store) => {
      const rendered = new Map<string, string>();
      return {
        ...rewriting((writes) => {
          for (const { messageId, content } of writes.contents ?? []) rendered.set(messageId, content);
          return writes;
        })(store, fakeClock()),
        async load(reads) {
          const left = (reads.contents ?? []).map(({ scope, id }) => ({
            scope,
            messageId: id,
            content: rendered.get(id) ?? '',
          }));
          return { ...(await store.load(reads)), contents: left.filter(({ content }) => content !== '') };
        },
      };
    },
  },
  {
    fault: 'a failed commit leaves half of its rows',
    caughtBy: ['S6 rollback-leaves-nothing: one row refused', 'S6 rollback-leaves-nothing: the last guard fails'],
    plant: (store) => ({
      async commit(work) {
        const decision = work.decide(await store.load(work.reads));
        if (decision.more) return store.commit(work);
        const { identifiers, ...first } = decision.writes;
        await store.commit({ ...work, decide: () => ({ ...decision, writes: first }) });
        return store.commit({ ...work, decide: () => ({ ...decision, writes: identifiers ? { identifiers } : {} }) });
      },
    }),
  },
  {
    fault: 'reading and writing are two transactions',
    caughtBy: ['S16 idem-race: one inserts, the others see its row', "new-contact-race: the loser uses the winner's"],
    plant: (store) => ({
      async commit(work) {
        const decision = work.decide(await store.load(work.reads));
        if (decision.more) return store.commit(work);
        return store.commit({ ...work, attempts: 1, decide: () => decision });
      },
    }),
  },
  {
    fault: 'pages are cut by number instead of by place',
    caughtBy: ['S35 cursor-stable-under-inserts'],
    plant: (store) => ({
      async listMessages({ cursor, ...query }) {
        const offset = Number(cursor ?? 0);
        const { items, cursor: next } = await store.listMessages({ ...query, offset });
        return { items, cursor: next && String(offset + items.length) };
      },
    }),
  },
  {
    fault: 'the last reached time wins',
    caughtBy: ['reached: the first time stays'],
    plant: (store, clock) => {
      const opened = new Map<string, number>();
      return {
        ...rewriting((writes) => {
          for (const { id, reached } of writes.messages?.update ?? [])
            if (reached.includes('opened')) opened.set(id, clock.now());
          return writes;
        })(store, clock),
        async load(reads) {
          const facts = await store.load(reads);
          return {
            ...facts,
            messages: facts.messages.map((row) => ({ ...row, openedAt: opened.get(row.id) ?? null })),
          };
        },
      };
    },
  },
  {
    fault: 'a pause may be shortened',
    caughtBy: ['lane-pause: nothing until its end, the later end stays'],
    plant: (store) => {
      let shortest = Number.POSITIVE_INFINITY;
      return rewriting((writes) => {
        for (const { pauseIn } of writes.lanes ?? []) shortest = Math.min(shortest, pauseIn);
        return { ...writes, lanes: (writes.lanes ?? []).filter(() => shortest < 5_000) };
      })(store, fakeClock());
    },
  },
];

const cases = new Map(Object.values(storeCases).flatMap((group) => group.map((one) => [one.name, one] as const)));

async function tryCase(name: string, plant: Fault): Promise<void> {
  const found = cases.get(name) ?? expect.fail(`there is no case "${name}"`);
  const factory = async (): Promise<Parameters<typeof tryOn>[0]> => {
    const clock = fakeClock();
    const sound = memoryStore({ now: clock.now });
    return { store: { ...sound, ...plant(sound, clock) }, advance: clock.advance, async close() {} };
  };
  await tryOn(await factory(), factory, found.run);
}

describe('the store contract catches', () => {
  for (const { fault, caughtBy, plant } of faults) {
    it.for(caughtBy)(`${fault}: %s`, async (name) => {
      await tryCase(name, () => ({}));
      const caught = await tryCase(name, plant).catch((error: unknown) => error);
      // by an assertion or a store's refusal, not by a fault that breaks the case itself
      expect(caught).toBeInstanceOf(Error);
      expect(caught).not.toBeInstanceOf(TypeError);
    });
  }
});
