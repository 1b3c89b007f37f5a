import type { IndexedHistory } from '../../invariants/index-history.ts';
import type { Violation } from '../../invariants/violation.ts';
import type { WorkerLife } from './held-messages.ts';

/**
 * The sharper half of I3: that a message went out again is excused one call at a time. The provider must have kept its
 * answer to itself, or the process that called must have been killed or stalled with this very message in its hands.
 */
export function explainedDuplicates(history: IndexedHistory, lives: readonly WorkerLife[]): Violation[] {
  const broken: Violation[] = [];
  const byProcess = new Map(lives.map((life) => [life.process, life]));
  const lost = new Set(lives.flatMap((life) => [...lostBy(life, history)].map((id) => `${life.process}/${id}`)));
  for (const [id, unordered] of history.callsOf) {
    // the call of a process that stood still may come after the one that replaced it
    const calls = [...unordered].sort((one, other) => one.attempt - other.attempt);
    for (const [index, call] of calls.slice(0, -1).entries()) {
      if (call.outcome !== 'accepted' || lost.has(`${call.process}/${id}`)) continue;
      const killedAt = byProcess.get(call.process)?.killedAt;
      const then = killedAt ? `was killed, and had settled it` : 'lived on';
      const next = calls[index + 1];
      broken.push({
        invariant: 'I3',
        subject: id,
        says: `${next?.process} called ${Math.round((next?.beganAt ?? 0) - call.beganAt)} ms after ${call.process}, which got its answer and ${then}`,
      });
    }
  }
  return broken;
}

/** The bound: calls whose outcome nobody can know, and messages that were held where somebody was killed or stalled. */
export function duplicateBound(history: IndexedHistory, lives: readonly WorkerLife[]): number {
  const silent = history.calls.filter(({ outcome }) => outcome !== 'accepted' && outcome !== 'refused').length;
  return silent + lives.reduce((sum, life) => sum + lostBy(life, history).size, 0);
}

function lostBy(life: WorkerLife, history: IndexedHistory): Set<string> {
  const lost = new Set<string>(life.killedAt === null ? [] : life.held.keys());
  for (const entry of life.entries) if (entry.kind === 'stalled') for (const id of entry.ids) lost.add(id);
  // what was about to be leased by a commit that failed does not exist
  return new Set([...lost].filter((id) => history.messages.has(id)));
}
