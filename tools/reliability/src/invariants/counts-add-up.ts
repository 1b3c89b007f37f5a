import type { IndexedHistory } from './index-history.ts';
import { groupBy, nameOf } from './index-history.ts';
import type { Violation } from './violation.ts';

/** I7: a broadcast has one notification for each recipient that was not refused, and its row counts them. */
export function countsAddUp(history: IndexedHistory): Violation[] {
  const broken: Violation[] = [];
  const cast = history.rows.notifications.filter((row) => row.broadcastId !== null);
  const made = groupBy(cast, (row) => JSON.stringify([history.scopeName(row.scope), row.broadcastId]));
  const kept = new Map(
    history.rows.broadcasts.map((row) => [JSON.stringify([history.scopeName(row.scope), row.id]), row]),
  );
  for (const [key, rows] of made) {
    const keys = new Set(rows.map((row) => row.recipientKey));
    if (keys.size < rows.length) say(key, `${rows.length} notifications were made for ${keys.size} recipients`);
    const row = kept.get(key);
    if (row && row.accepted !== rows.length) {
      say(key, `its row counts ${row.accepted} accepted, and ${rows.length} notifications exist`);
    }
  }
  for (const { id, scope, recipients, completed, accepted, rejected } of history.broadcasts) {
    const key = JSON.stringify([nameOf(scope), id]);
    const count = made.get(key)?.length ?? 0;
    if (accepted > count) say(key, `${accepted} were reported as accepted, and ${count} notifications exist`);
    if (completed && count + rejected !== recipients) {
      say(key, `it completed with ${count} notifications and ${rejected} refused, and had ${recipients} recipients`);
    }
  }
  return broken;

  function say(subject: string, says: string): void {
    broken.push({ invariant: 'I7', subject, says });
  }
}
