import { type IndexedHistory, nameOf } from './index-history.ts';
import type { Violation } from './violation.ts';

/** I10: nothing crosses from one tenant or mode to another, and no provider hears of the mode `test`. */
export function scopesApart(history: IndexedHistory): Violation[] {
  const broken: Violation[] = [];
  const say = (subject: string, says: string): void => {
    broken.push({ invariant: 'I10', subject, says });
  };
  for (const { id, scope, notificationId, contactId } of history.rows.messages) {
    const run = history.notifications.get(notificationId);
    if (run?.scope !== scope) say(id, 'a message and its notification are of different scopes');
    // An erasure that was cut short has taken one of them from the person already.
    else if (run.contactId !== null && contactId !== null && run.contactId !== contactId)
      say(id, 'a message and its notification are of different contacts');
  }
  const contacts = new Map(history.rows.contacts.map(({ row }) => [row.id, row.scope]));
  for (const { id, scope, contactId } of history.rows.notifications) {
    const owner = contactId === null ? undefined : contacts.get(contactId);
    if (owner !== undefined && owner !== scope) say(id, 'a notification goes to a contact of another scope');
  }
  for (const { scope, notifications } of history.sends) {
    for (const { id } of notifications) {
      const row = history.notifications.get(id);
      if (row && history.scopeName(row.scope) !== nameOf(scope)) say(id, 'a send made a row in another scope');
    }
  }
  for (const { messageId, scope } of history.calls) {
    const row = history.messages.get(messageId);
    if (scope.mode === 'test') say(messageId, 'a provider was called for the mode test');
    if (row && history.scopeName(row.scope) !== nameOf(scope)) say(messageId, 'it was called for another scope');
  }
  return broken;
}
