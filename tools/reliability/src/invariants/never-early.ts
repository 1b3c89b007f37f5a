import type { IndexedHistory } from './index-history.ts';
import type { Violation } from './violation.ts';

/** I9, as far as there are no sequences yet: no attempt begins before the wait that the one before it asked for is over. */
export function neverEarly(history: IndexedHistory): Violation[] {
  const broken: Violation[] = [];
  for (const row of history.rows.messages) {
    const dueAt = new Map<number, number>();
    for (const { attempt, delayMs, at } of row.timeline) {
      if (attempt !== undefined && delayMs !== undefined) dueAt.set(attempt + 1, at + delayMs);
    }
    for (const { attempt, storeTime } of history.callsOf.get(row.id) ?? []) {
      const due = dueAt.get(attempt);
      if (due === undefined || storeTime === null || storeTime >= due) continue;
      const says = `attempt ${attempt} began ${due - storeTime} ms before it was due`;
      broken.push({ invariant: 'I9', subject: row.id, says });
    }
  }
  return broken;
}
