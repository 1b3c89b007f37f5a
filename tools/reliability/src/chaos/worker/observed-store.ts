import type { CommitOptions, Store, Work, Writes } from '@tidings/core/spec';
import type { WorkerEntry } from '../entries.ts';
import { monotonic } from '../monotonic.ts';
import { settings } from '../settings.ts';
import type { Failpoints } from './failpoints.ts';

/**
 * The real store, with failpoints around commits and claims, and a journal of which messages this process holds. The
 * journal says `leased` before the lease is committed and `settled` after the settlement is: it never claims too little.
 */
export function observedStore(store: Store, failpoints: Failpoints, tell: (entry: WorkerEntry) => void): Store {
  const since = new Map<string, number>();

  function took(ids: readonly string[], at: number): void {
    if (ids.length === 0) return;
    for (const id of ids) since.set(id, at);
    tell({ kind: 'leased', at, ids });
  }

  function gaveUp(ids: readonly string[]): void {
    if (ids.length === 0) return;
    const at = monotonic();
    const late = ids.filter((id) => at - (since.get(id) ?? at) > settings.leaseMs);
    if (late.length > 0) tell({ kind: 'stalled', from: since.get(late[0] ?? '') ?? at, at, ids: late });
    for (const id of ids) since.delete(id);
    tell({ kind: 'settled', at, ids });
  }

  async function commit<R>(work: Work<R>, options?: CommitOptions<never>): Promise<R> {
    if (work.kind !== 'accept' && work.kind !== 'settle') return store.commit(work, options);
    const [before, after] =
      work.kind === 'accept'
        ? (['before-commit', 'after-commit'] as const)
        : (['before-settle', 'after-settle'] as const);
    let writes: Writes = {};
    failpoints.pass(before);
    const watched: Work<R> = {
      ...work,
      decide(facts) {
        const decision = work.decide(facts);
        if (decision.more !== undefined) return decision;
        writes = decision.writes;
        if (work.kind === 'accept') took(leasedBy(writes), monotonic());
        return decision;
      },
    };
    const result = await store.commit(watched, options);
    failpoints.pass(after);
    if (work.kind === 'settle') {
      const updates = writes.messages?.update ?? [];
      took(
        updates.filter(({ leaseIn }) => leaseIn !== null).map(({ id }) => id),
        monotonic(),
      );
      gaveUp(updates.filter(({ leaseIn }) => leaseIn === null).map(({ id }) => id));
    }
    return result;
  }

  return Object.assign(Object.create(store) as Store, {
    commit,
    async claim(request: Parameters<Store['claim']>[0]) {
      const at = monotonic();
      const claim = await store.claim(request);
      took(
        claim.messages.map(({ message }) => message.id),
        at,
      );
      if (claim.messages.length > 0) failpoints.pass('after-claim');
      return claim;
    },
  });
}

function leasedBy(writes: Writes): string[] {
  return (writes.messages?.insert ?? []).filter(({ leaseIn }) => leaseIn !== null).map(({ id }) => id);
}
