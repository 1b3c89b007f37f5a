import { groupBy, type IndexedHistory, nameOf } from './index-history.ts';
import type { Violation } from './violation.ts';

/** I5: sends under one key of a scope and event made one notification, got one reply, and were one request. */
export function onePerKey(history: IndexedHistory): Violation[] {
  const broken: Violation[] = [];
  const keyed = history.sends.filter((send) => send.idempotencyKey !== null);
  for (const [subject, sends] of groupBy(keyed, (send) =>
    JSON.stringify([nameOf(send.scope), send.event, send.idempotencyKey]),
  )) {
    const say = (says: string): void => {
      broken.push({ invariant: 'I5', subject, says });
    };
    const requests = new Set(sends.map((send) => send.request));
    const replies = new Set(sends.map((send) => send.reply));
    const first = sends.filter((send) => !send.replayed);
    if (requests.size > 1) say(`${requests.size} different requests were accepted`);
    if (replies.size > 1) say(`${replies.size} different replies were given`);
    if (first.length > 1) say(`${first.length} sends were told that they were the first`);
  }
  return broken;
}
