import type { MessageRow } from '@tidings/core/spec';
import type { Excuse, ProviderCall } from './history.ts';
import { groupBy, type IndexedHistory } from './index-history.ts';
import type { Violation } from './violation.ts';

/**
 * I3: no attempt is called twice; a message goes out again only after an attempt whose outcome became unknown, never on
 * a channel that holds, and never more often than the channel allows.
 */
export function calledOnce(history: IndexedHistory): Violation[] {
  const broken: Violation[] = [];
  const policies = new Map(history.channels.map((policy) => [policy.channel, policy]));
  const excuses = groupBy(history.excuses, (excuse) => excuse.process);
  for (const [id, calls] of history.callsOf) {
    const say = (says: string): void => {
      broken.push({ invariant: 'I3', subject: id, says });
    };
    const row = history.messages.get(id);
    for (const [attempt, same] of groupBy(calls, (call) => String(call.attempt))) {
      if (same.length > 1) say(`attempt ${attempt} was called ${same.length} times`);
    }
    const policy = policies.get(calls[0]?.channel ?? '');
    if (policy && calls.length > policy.attempts) say(`${calls.length} calls, and ${policy.attempts} are allowed`);
    // In the order of the attempts: the call of a process that stood still may come after the one that replaced it.
    const inOrder = [...calls].sort((one, other) => one.attempt - other.attempt);
    for (const call of inOrder.slice(0, -1)) {
      if (call.outcome === 'refused') continue;
      if (policy?.unknown === 'hold') say(`a call followed attempt ${call.attempt} on a channel that holds`);
      else if (!becameUnknown(call, row, excuses.get(call.process) ?? [])) {
        say(`a call followed attempt ${call.attempt}, which was accepted and whose outcome nobody lost`);
      }
    }
  }
  return broken;
}

/** The bound of duplicates: calls of the whole history whose outcome became unknown. */
export function unknownOutcomes(history: IndexedHistory): number {
  const excuses = groupBy(history.excuses, (excuse) => excuse.process);
  const all = history.calls.filter((call) => call.outcome !== 'refused');
  return all.filter((call) =>
    becameUnknown(call, history.messages.get(call.messageId), excuses.get(call.process) ?? []),
  ).length;
}

/** Messages that went out once more than once, counted: the duplicates somebody saw. */
export function duplicates(history: IndexedHistory): number {
  let count = 0;
  for (const calls of history.callsOf.values()) {
    count += Math.max(0, calls.filter((call) => call.outcome !== 'refused').length - 1);
  }
  return count;
}

/** The provider never said, or who asked ended or stood still before what it said was written. */
function becameUnknown(call: ProviderCall, row: MessageRow | undefined, excuses: readonly Excuse[]): boolean {
  if (call.outcome !== 'accepted') return true;
  if (row?.timeline.some((entry) => entry.attempt === call.attempt && entry.outcome === 'accepted')) return false;
  return excuses.some((excuse) => excuse.process === call.process && excuse.until >= call.beganAt);
}
