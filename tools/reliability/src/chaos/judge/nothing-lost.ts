import type { IndexedHistory } from '../../invariants/index-history.ts';
import type { Violation } from '../../invariants/violation.ts';
import type { ClientEntry } from '../entries.ts';

/**
 * What was acknowledged was handed over: each message that was sent was accepted by the provider, and only what was
 * suppressed or erased, or may not be tried again, was not sent. Gives the ids of those that were lost.
 */
export function nothingLost(
  history: IndexedHistory,
  refusals: readonly Extract<ClientEntry, { kind: 'refused' }>[],
): { readonly violations: Violation[]; readonly lost: number } {
  const violations: Violation[] = [];
  const lost = new Set<string>();
  const say = (id: string, says: string): void => {
    lost.add(id);
    violations.push({ invariant: 'I2', subject: id, says });
  };
  for (const { notifications } of history.sends) {
    for (const { id, messages } of notifications) {
      if (!history.notifications.has(id)) lost.add(id);
      for (const message of messages) if (!history.messages.has(message)) lost.add(message);
    }
  }
  const holds = new Map(history.channels.map(({ channel, unknown }) => [channel, unknown === 'hold']));
  const stopped = new Set(history.stops.flatMap(({ addresses }) => addresses));
  for (const row of history.rows.messages) {
    const calls = history.callsOf.get(row.id) ?? [];
    const accepted = calls.some(({ outcome }) => outcome !== 'refused');
    if (row.status === 'sent' && !accepted) say(row.id, 'it is sent, and the provider never accepted it');
    else if (row.status === 'unknown' && !holds.get(row.channel))
      say(row.id, 'it is unknown on a channel that tries again');
    else if (row.status === 'failed') say(row.id, `it failed (${row.errorCode}) after ${row.attempts} attempts`);
    else if (row.status === 'suppressed' && row.address !== null && !stopped.has(row.address)) {
      say(row.id, 'it is suppressed, and nobody suppressed its address');
    } else if (row.status === 'cancelled' && row.address !== null)
      say(row.id, 'it is cancelled, and nobody cancelled it');
  }
  for (const { what, code, message } of refusals) {
    violations.push({ invariant: 'I1', subject: what, says: `it was refused for good: ${code}, ${message}` });
  }
  return { violations, lost: lost.size };
}
