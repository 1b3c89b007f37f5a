import type { IndexedHistory } from './index-history.ts';
import type { Violation } from './violation.ts';

/** I8: who no longer holds a message changes nothing of it; each attempt is recorded once, and in order. */
export function staleChangesNothing(history: IndexedHistory): Violation[] {
  const broken: Violation[] = [];
  const say = (subject: string, says: string): void => {
    broken.push({ invariant: 'I8', subject, says });
  };
  for (const { messageId, guard, found } of history.writes ?? []) {
    if (guard !== found) say(messageId, `a change for epoch ${guard} was taken at epoch ${found}`);
  }
  for (const row of history.rows.messages) {
    let before = 0;
    for (const { event, attempt } of row.timeline) {
      if (event !== 'attempt' || attempt === undefined) continue;
      if (attempt <= before) say(row.id, `attempt ${attempt} was recorded after attempt ${before}`);
      before = attempt;
    }
    if (before !== row.attempts)
      say(row.id, `its timeline tells of ${before} attempts, and ${row.attempts} are counted`);
  }
  return broken;
}
