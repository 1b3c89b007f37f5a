import type { IndexedHistory } from './index-history.ts';
import type { Violation } from './violation.ts';

/** I13: a process that was stopped holds no timer, socket or lease, and calls nobody. */
export function stoppedIsStill(history: IndexedHistory): Violation[] {
  const broken: Violation[] = [];
  for (const { process, at, timers, sockets, leases } of history.shutdowns) {
    const say = (says: string): void => {
      broken.push({ invariant: 'I13', subject: process, says });
    };
    if (timers > 0) say(`${timers} timers were left`);
    if (sockets > 0) say(`${sockets} sockets were left`);
    if (leases.length > 0) say(`leases were left: ${leases.join(', ')}`);
    const calls = history.calls.filter((call) => call.process === process && call.beganAt > at);
    if (calls.length > 0) say(`${calls.length} calls began afterwards`);
  }
  return broken;
}
