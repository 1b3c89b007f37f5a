import type { IndexedHistory } from '../../invariants/index-history.ts';
import type { FaultEntry } from '../entries.ts';
import { settings } from '../settings.ts';
import type { WorkerLife } from './held-messages.ts';

/** How long the longest took until somebody took a message over that a killed process held. */
export interface Recovery {
  /** Ms; null: nothing had to be recovered. */
  readonly longest: number | null;
  /** Messages that were recovered. */
  readonly count: number;
  /** What it may take: lease and sweep. */
  readonly bound: number;
  /** The message that took longest. */
  readonly subject: string | null;
}

/**
 * From a kill until the next lease or call of what was held. Where another was killed while it claimed, after the lease had
 * lapsed, it may have been leased anew without a word, and counts from there. Times in which no process was there to do it
 * do not count.
 */
export function measureRecovery(
  history: IndexedHistory,
  lives: readonly WorkerLife[],
  faults: readonly FaultEntry[],
): Recovery {
  const absences = absencesOf(faults);
  const taken = new Map<string, number[]>();
  for (const { entries } of lives) {
    for (const entry of entries) {
      if (entry.kind !== 'leased') continue;
      for (const id of entry.ids) taken.set(id, [...(taken.get(id) ?? []), entry.at]);
    }
  }
  for (const call of history.calls) taken.set(call.messageId, [...(taken.get(call.messageId) ?? []), call.beganAt]);
  const hidden = lives.flatMap(({ claiming, killedAt }) => (claiming && killedAt !== null ? [killedAt] : []));
  let longest: number | null = null;
  let subject: string | null = null;
  let count = 0;
  for (const { killedAt, held } of lives) {
    if (killedAt === null) continue;
    for (const [id, leasedAt] of held) {
      // none: it was settled, and the kill came before that was written down
      const later = (taken.get(id) ?? []).filter((at) => at > killedAt);
      if (later.length === 0) continue;
      const at = Math.min(...later);
      const lapsed = leasedAt + settings.leaseMs;
      const from = Math.max(killedAt, ...hidden.filter((other) => other > lapsed && other < at));
      const took = at - from - absent(absences, from, at);
      count += 1;
      if (longest !== null && took <= longest) continue;
      longest = took;
      subject = id;
    }
  }
  return { longest, count, bound: settings.leaseMs + settings.sweepMs, subject };
}

interface Span {
  readonly from: number;
  readonly until: number;
}

/** When no process was ready, or one stood still, or what all need was away. */
function absencesOf(faults: readonly FaultEntry[]): Span[] {
  const spans: Span[] = [];
  let ready = 0;
  let from: number | undefined;
  const was = new Set<string>();
  for (const fault of [...faults].sort((one, other) => one.at - other.at)) {
    if (fault.kind === 'outage') spans.push({ from: fault.from, until: fault.at });
    else if (fault.kind === 'ready') {
      if (!fault.delivers) continue;
      was.add(fault.process);
      ready += 1;
      if (from !== undefined) spans.push({ from, until: fault.at });
      from = undefined;
    } else if (fault.kind !== 'stalled' && was.delete(fault.process)) {
      ready -= 1;
      if (ready === 0) from = fault.at;
    }
  }
  return spans;
}

function absent(spans: readonly Span[], from: number, until: number): number {
  return spans.reduce((sum, span) => sum + Math.max(0, Math.min(span.until, until) - Math.max(span.from, from)), 0);
}
