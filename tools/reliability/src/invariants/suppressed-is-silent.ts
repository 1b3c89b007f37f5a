import type { ProviderCall, Stopped } from './history.ts';
import { type IndexedHistory, nameOf } from './index-history.ts';
import type { Violation } from './violation.ts';

/**
 * I4: from when a suppression, cancellation or erasure resolves, no call begins for what it concerns, but for as many
 * messages as it said somebody already had in hand, and for each of those at most one. What an earlier one spoke of is
 * not spoken of again.
 */
export function suppressedIsSilent(history: IndexedHistory): Violation[] {
  const broken: Violation[] = [];
  const made = new Map<string, number>();
  for (const { beganAt, replayed, notifications } of history.sends) {
    if (replayed) continue;
    for (const { messages } of notifications) for (const id of messages) made.set(id, beganAt);
  }
  const spokenOf = new Set<string>();
  for (const stop of [...history.stops].sort((one, other) => one.resolvedAt - other.resolvedAt)) {
    const after = new Map<string, number>();
    for (const call of history.calls) {
      if (concerns(stop, call) && !spokenOf.has(call.messageId))
        after.set(call.messageId, (after.get(call.messageId) ?? 0) + 1);
    }
    for (const id of after.keys()) spokenOf.add(id);
    const named = `a call began after the ${stop.kind} at ${stop.resolvedAt}`;
    for (const [subject, calls] of after) {
      if ((made.get(subject) ?? 0) > stop.resolvedAt) {
        broken.push({ invariant: 'I4', subject, says: `${named}, and the message was accepted after it` });
      } else if (calls > 1) {
        broken.push({ invariant: 'I4', subject, says: `${named}, and ${calls - 1} more followed it` });
      }
    }
    if (after.size > stop.alreadyHandedOver) {
      const subject = [...after.keys()].join(', ');
      const says = `${named} for ${after.size} messages, and it spoke of ${stop.alreadyHandedOver} handed over`;
      broken.push({ invariant: 'I4', subject, says });
    }
  }
  return broken;
}

function concerns(stop: Stopped, call: ProviderCall): boolean {
  if (call.beganAt <= stop.resolvedAt || (stop.removedAt !== null && call.beganAt > stop.removedAt)) return false;
  if (nameOf(stop.scope) !== nameOf(call.scope)) return false;
  if (stop.channel !== '*' && stop.channel !== call.channel) return false;
  return stop.addresses.includes(call.address) || stop.messages.includes(call.messageId);
}
