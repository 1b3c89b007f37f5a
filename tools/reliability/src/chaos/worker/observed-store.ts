import type { CommitOptions, Facts, Store, Work, Writes } from '@tidings/core/spec';
import type { WorkerEntry } from '../entries.ts';
import { monotonic } from '../monotonic.ts';
import { settings } from '../settings.ts';
import type { Failpoints } from './failpoints.ts';

interface Holding {
  readonly id: string;
  readonly epoch: number;
}

/**
 * The real store, with failpoints around commits and claims, and a journal of which messages this process holds. The
 * journal says `leased` before a lease is committed that was accepted with it, else before anybody is called for it, and
 * `settled` after the settlement is committed: it never claims too little.
 */
export function observedStore(store: Store, failpoints: Failpoints, tell: (entry: WorkerEntry) => void): Store {
  const held = new Map<string, { readonly since: number; readonly epoch: number }>();

  function took(rows: readonly Holding[], at: number): void {
    if (rows.length === 0) return;
    // our own, whose lease ended before we could say what came of it
    noteLate(
      rows.filter(({ id }) => held.has(id)).map(({ id }) => id),
      monotonic(),
    );
    for (const { id, epoch } of rows) held.set(id, { since: at, epoch });
    tell({ kind: 'leased', at, ids: rows.map(({ id }) => id) });
  }

  function gaveUp(ids: readonly string[]): void {
    if (ids.length === 0) return;
    const at = monotonic();
    noteLate(ids, at);
    for (const id of ids) held.delete(id);
    tell({ kind: 'settled', at, ids });
  }

  function noteLate(ids: readonly string[], at: number): void {
    const since = (id: string): number => held.get(id)?.since ?? at;
    const late = ids.filter((id) => at - since(id) > settings.leaseMs);
    if (late.length > 0) tell({ kind: 'stalled', from: Math.min(...late.map(since)), at, ids: late });
  }

  /** Those of ours that the store says are somebody else's by now. */
  function strays(facts: Facts): string[] {
    return facts.messages.flatMap(({ id, epoch }) => {
      const own = held.get(id);
      return own === undefined || own.epoch === epoch ? [] : [id];
    });
  }

  async function commit<R>(work: Work<R>, options?: CommitOptions<never>): Promise<R> {
    if (work.kind !== 'accept' && work.kind !== 'settle') return store.commit(work, options);
    const [before, after] =
      work.kind === 'accept'
        ? (['before-commit', 'after-commit'] as const)
        : (['before-settle', 'after-settle'] as const);
    let writes: Writes = {};
    let gone: readonly string[] = [];
    const begun = monotonic();
    failpoints.pass(before);
    const watched: Work<R> = {
      ...work,
      decide(facts) {
        const decision = work.decide(facts);
        if (decision.more !== undefined) return decision;
        writes = decision.writes;
        if (work.kind === 'accept') took(leasedBy(writes), monotonic());
        else gone = strays(facts);
        return decision;
      },
    };
    const result = await store.commit(watched, options);
    failpoints.pass(after);
    if (work.kind === 'settle') {
      const updates = writes.messages?.update ?? [];
      const goOn = updates.filter(({ leaseIn }) => leaseIn !== null);
      took(
        goOn.map(({ id, epoch }) => ({ id, epoch: epoch + 1 })),
        begun,
      );
      gaveUp([...updates.filter(({ leaseIn }) => leaseIn === null).map(({ id }) => id), ...gone]);
    }
    return result;
  }

  return Object.assign(Object.create(store) as Store, {
    commit,
    async renew(leases: Parameters<Store['renew']>[0], leaseMs: number) {
      const at = monotonic();
      const renewal = await store.renew(leases, leaseMs);
      // A lease that goes on is no stall, however long it is held.
      const ended = new Set([...renewal.lost, ...renewal.skipped].map(({ id }) => id));
      for (const { id, epoch } of leases) {
        if (held.get(id)?.epoch === epoch && !ended.has(id)) held.set(id, { since: at, epoch });
      }
      return renewal;
    },
    async claim(request: Parameters<Store['claim']>[0]) {
      const at = monotonic();
      tell({ kind: 'claiming', at });
      const claim = await store.claim(request);
      took(
        claim.messages.map(({ message }) => message),
        at,
      );
      tell({ kind: 'claimed', at: monotonic() });
      if (claim.messages.length > 0) failpoints.pass('after-claim');
      return claim;
    },
  });
}

function leasedBy(writes: Writes): Holding[] {
  const rows = (writes.messages?.insert ?? []).filter(({ leaseIn }) => leaseIn !== null);
  return rows.map(({ id }) => ({ id, epoch: 1 }));
}
