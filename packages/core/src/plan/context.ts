import type { Renderer } from '../render/renderer.ts';
import type { CircuitSettings } from '../rules/circuit.ts';
import type { FailoverPolicy } from '../rules/failover.ts';
import type { RetrySchedule } from '../rules/retry-schedule.ts';
import type { Clock, Logger, Random, Store, Telemetry } from '../spec/index.ts';
import type { CommitTurns } from '../toolkit/commit-turns.ts';
import type { Plan } from './plan.ts';
import type { Report } from './report.ts';
import type { Secrets } from './secrets.ts';

/** What every step is given: the engine's resolved dependencies. */
export interface Context {
  readonly plan: Plan;
  // biome-ignore lint/suspicious/noExplicitAny: the host's transaction type is checked at the engine's edge
  readonly store: Store<any>;
  readonly secrets: Secrets;
  readonly renderer: Renderer;
  readonly settings: Settings;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly telemetry: Telemetry;
  /** Accepting and settling take turns to commit. */
  readonly turns: CommitTurns;
  /** Tells listeners what was committed. */
  report(report: Report): void;
}

/** Options with their defaults filled in. */
export interface Settings {
  readonly leaseMs: number;
  readonly pollMs: number;
  readonly sweepMs: number;
  readonly graceMs: number;
  readonly deadlineMs: number;
  readonly attempts: number;
  readonly heartbeatMs: number;
  readonly retry: RetrySchedule;
  readonly circuit: CircuitSettings;
  /** By channel; what is not named: `ordered`. */
  readonly failover: ReadonlyMap<string, FailoverPolicy>;
  /** By channel; what is not named: `retry`. */
  readonly unknown: ReadonlyMap<string, 'retry' | 'hold'>;
  readonly keepKeysMs: number;
  /** Null: for ever. */
  readonly retention: { readonly contentsMs: number | null; readonly notificationsMs: number | null };
  readonly recipients: number;
  readonly payloadBytes: number;
  readonly onUnroutable: 'throw' | 'record';
  /** How long a row that this process cannot handle is left for others, in ms. */
  readonly strandedMs: number;
  /** How long a send waits for a store that is away, in ms. */
  readonly storeWaitMs: number;
  /** How many sends may wait for it. */
  readonly waitingSends: number;
}
