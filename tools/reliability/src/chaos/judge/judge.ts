import { duplicates } from '../../invariants/called-once.ts';
import { checkHistory } from '../../invariants/check-history.ts';
import { indexHistory } from '../../invariants/index-history.ts';
import type { Violation } from '../../invariants/violation.ts';
import type { Mode } from '../chaos-options.ts';
import { duplicateBound, explainedDuplicates } from './explained-duplicates.ts';
import type { Evidence } from './gather-history.ts';
import { measureRecovery, type Recovery } from './measure-recovery.ts';
import { nothingLost } from './nothing-lost.ts';

/** What a run came to. */
export interface Judgement {
  readonly violations: readonly Violation[];
  readonly lost: number;
  readonly duplicates: number;
  readonly bound: number;
  readonly kills: number;
  /** How many kills each failpoint was. */
  readonly deaths: Readonly<Record<string, number>>;
  readonly notifications: number;
  readonly messages: number;
  readonly calls: number;
  readonly acknowledged: number;
  readonly stops: number;
  readonly stalls: number;
  readonly statuses: Readonly<Record<string, number>>;
  readonly recovery: Recovery;
  /** How late a timer was on this machine at worst, in ms. */
  readonly lateMs: number;
}

/** A takeover takes many turns of several processes, each as late as the machine makes it. */
const turns = 20;

/** Holds the evidence of a run against every promise. `lateMs`: how late a timer was on this machine at worst. */
export function judge({ history, client, faults, lives }: Evidence, mode: Mode, lateMs: number): Judgement {
  const indexed = indexHistory(history);
  const refusals = client.filter((entry) => entry.kind === 'refused');
  const { violations: losses, lost } = nothingLost(indexed, refusals);
  const recovery = measureRecovery(indexed, lives, faults);
  const seen = duplicates(indexed);
  const bound = duplicateBound(indexed, lives);
  const violations: Violation[] = [
    ...checkHistory(history),
    ...losses,
    ...explainedDuplicates(indexed, lives),
    ...unasked(faults),
  ];
  if (seen > bound)
    violations.push({ invariant: 'I3', subject: 'run', says: `${seen} duplicates, and ${bound} are excused` });
  // behind a broadcast wait those of it that were due before the lease lapsed
  const backlog = mode === 'broadcast';
  if (!backlog && recovery.longest !== null && recovery.longest > recovery.bound + turns * lateMs) {
    const says = `it was taken over ${Math.round(recovery.longest)} ms after a kill, and ${recovery.bound} are allowed`;
    violations.push({ invariant: 'I2', subject: recovery.subject ?? 'run', says });
  }
  return {
    violations,
    lost,
    duplicates: seen,
    bound,
    kills: faults.filter(({ kind }) => kind === 'killed').length,
    deaths: countBy(
      lives.flatMap(({ entries }) => entries.flatMap((entry) => (entry.kind === 'dies' ? [entry.point] : []))),
    ),
    notifications: history.rows.notifications.length,
    messages: history.rows.messages.length,
    calls: history.calls.length,
    acknowledged: history.sends.length,
    stops: history.stops.length,
    stalls: lives.flatMap(({ entries }) => entries.filter(({ kind }) => kind === 'stalled')).length,
    statuses: countBy(history.rows.messages.map(({ status }) => status)),
    recovery,
    lateMs,
  };
}

/** A worker that ends without being killed, or is told to end and does not do it well. */
function unasked(faults: Evidence['faults']): Violation[] {
  return faults.flatMap((fault): Violation[] => {
    if (fault.kind === 'crashed') {
      return [{ invariant: 'I13', subject: fault.process, says: `it ended with ${fault.code}, and nobody had asked` }];
    }
    if (fault.kind !== 'ended' || fault.code === 0) return [];
    return [{ invariant: 'I13', subject: fault.process, says: `it was told to end, and did with ${fault.code}` }];
  });
}

function countBy(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
