import { type IndexedHistory, nameOf } from './index-history.ts';
import type { Violation } from './violation.ts';

/** I1: what a caller was told is accepted is in the store, and stays there whatever ends. */
export function acknowledgedIsKept(history: IndexedHistory): Violation[] {
  const missing: Violation[] = [];
  const lost = (subject: string, says: string): void => {
    missing.push({ invariant: 'I1', subject, says });
  };
  for (const { notifications, scope } of history.sends) {
    for (const { id, messages } of notifications) {
      const row = history.notifications.get(id);
      if (!row) lost(id, 'the notification was acknowledged and is not in the store');
      else if (history.scopeName(row.scope) !== nameOf(scope)) lost(id, 'the notification is kept in another scope');
      for (const message of messages) {
        if (!history.messages.has(message)) lost(message, 'the message was acknowledged and is not in the store');
      }
    }
  }
  return missing;
}
