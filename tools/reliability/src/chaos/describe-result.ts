import type { ChaosOptions } from './chaos-options.ts';
import type { ChaosResult } from './run-chaos.ts';

const mostShown = 40;

/** What a run came to, for people: the last line says it all. */
export function describeResult(options: ChaosOptions, result: ChaosResult): string[] {
  const { violations, recovery, deaths, statuses } = result;
  const list = (counts: Readonly<Record<string, number>>): string =>
    Object.entries(counts)
      .map(([name, count]) => `${name} ${count}`)
      .join(', ');
  const lines = [
    `${options.store} × ${options.queue} · mode ${options.mode} · unknown ${options.unknown} · ${options.processes} processes`,
    `${result.acknowledged} acknowledged · ${result.notifications} notifications · ${result.messages} messages (${list(statuses)}) · ${result.calls} calls · ${result.stops} suppressed or erased · ${result.stalls} stalls · timers up to ${Math.round(result.lateMs)} ms late`,
  ];
  if (Object.keys(deaths).length > 0) lines.push(`failpoints: ${list(deaths)}`);
  for (const { invariant, subject, says } of violations.slice(0, mostShown)) {
    lines.push(`${invariant} broken by ${subject}: ${says}`);
  }
  if (violations.length > mostShown) lines.push(`… and ${violations.length - mostShown} more`);
  if (result.folder !== null) lines.push(`The ledgers are in ${result.folder}`);
  const sign = (recovery.longest ?? 0) <= recovery.bound ? '≤' : '>';
  const took =
    recovery.longest === null
      ? 'recovery: nothing was held'
      : `recovery max ${Math.round(recovery.longest)} ms ${sign} lease + sweep ${recovery.bound} ms (${recovery.count} messages)`;
  lines.push(
    `${violations.length === 0 ? '' : `${violations.length} BROKEN · `}lost ${result.lost} · duplicates ${result.duplicates} ≤ bound ${result.bound} · kills ${result.kills} · messages ${options.messages} · ${took} · seed ${options.seed} · ${result.seconds.toFixed(1)} s`,
  );
  return lines;
}
