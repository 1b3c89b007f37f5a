/** Who shares the commits that a store has in flight. */
export interface CommitTurns {
  /** Joins those that take turns; those that joined earlier come first. Returns the way to ask for one. */
  join(member: TurnTaker): () => void;
}

/** One of those that take turns. */
export interface TurnTaker {
  /** There is something to commit. */
  wants(): boolean;
  /** Begins a commit; resolves when it is over. */
  begin(): Promise<void>;
}

/**
 * At most `concurrency` commits at once, begun in the next turn of the event loop, one for each of those that want one in
 * turn: nobody who always has something to commit keeps the others waiting. Of several nobody has all of them, so that
 * commits that wait for a lock do not stop the others too; each has at least one.
 */
export function createCommitTurns(concurrency: number): CommitTurns {
  const members: { readonly taker: TurnTaker; running: number }[] = [];
  let inFlight = 0;
  let scheduled = false;
  let last = -1;

  const hasRoom = (): boolean => inFlight < Math.max(concurrency, members.length);

  function schedule(): void {
    if (scheduled || !hasRoom()) return;
    scheduled = true;
    setImmediate(grant);
  }

  function grant(): void {
    scheduled = false;
    while (hasRoom()) {
      const next = nextMember();
      if (next === undefined) return;
      inFlight += 1;
      next.running += 1;
      void next.taker.begin().finally(() => {
        inFlight -= 1;
        next.running -= 1;
        schedule();
      });
    }
  }

  function nextMember(): (typeof members)[number] | undefined {
    const most = members.length > 1 ? Math.max(1, concurrency - 1) : concurrency;
    for (let step = 1; step <= members.length; step += 1) {
      const index = (last + step) % members.length;
      const member = members[index];
      if (member === undefined || member.running >= most || !member.taker.wants()) continue;
      last = index;
      return member;
    }
    return undefined;
  }

  return {
    join(taker) {
      members.push({ taker, running: 0 });
      return schedule;
    },
  };
}
