import type { IndexedHistory } from './index-history.ts';
import type { Violation } from './violation.ts';

/** I2: once faults cease, every message comes to its end, its notification with it, and the two agree. */
export function everythingEnds(history: IndexedHistory): Violation[] {
  if (!history.quiet) return [];
  const open: Violation[] = [];
  const broken = (subject: string, says: string): void => {
    open.push({ invariant: 'I2', subject, says });
  };
  for (const row of history.rows.messages) {
    if (row.status === 'queued') broken(row.id, `the message is still queued, due at ${row.dueAt ?? 'no time'}`);
    else if (row.dueAt !== null) broken(row.id, `the message is ${row.status} and yet due`);
  }
  for (const { id, status } of history.rows.notifications) {
    const its = history.messagesOf.get(id) ?? [];
    if (its.some((row) => row.status === 'queued')) continue;
    if (status === 'running' || status === 'waiting') broken(id, `the notification is still ${status}`);
    else if (status === 'failed' && its.some((row) => row.status !== 'failed')) {
      broken(id, 'the notification failed and one of its messages did not');
    } else if (status === 'completed' && its.length > 0 && its.every((row) => row.status === 'failed')) {
      broken(id, 'the notification completed and each of its messages failed');
    }
  }
  return open;
}
