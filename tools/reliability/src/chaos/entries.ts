import type { Scope } from '@tidings/core/spec';
import type { Acknowledged, Broadcasted, ProviderCall, Stopped } from '../invariants/history.ts';

// What stands in the ledgers. `at` and its like are the machine's monotonic clock, in ms.

/** A line of the client. */
export type ClientEntry =
  | { readonly kind: 'acknowledged'; readonly send: Acknowledged }
  | { readonly kind: 'stopped'; readonly stop: Stopped }
  | { readonly kind: 'broadcast'; readonly broadcast: Broadcasted }
  | { readonly kind: 'refused'; readonly what: string; readonly code: string; readonly message: string };

/** A line of the provider: one call. */
export type ProviderEntry = ProviderCall;

/** A line of a worker. */
export type WorkerEntry =
  /** About to be leased to it, by a commit that may still fail. */
  | { readonly kind: 'leased'; readonly at: number; readonly ids: readonly string[] }
  /** Asks for due messages; what a claim leased that was killed before it returned, nobody knows. */
  | { readonly kind: 'claiming' | 'claimed'; readonly at: number }
  /** No longer in its hands. */
  | { readonly kind: 'settled'; readonly at: number; readonly ids: readonly string[] }
  /** Held for longer than a lease, by its own watch: others may have taken them over. */
  | { readonly kind: 'stalled'; readonly from: number; readonly at: number; readonly ids: readonly string[] }
  /** It gave up waiting, or the connection broke: the provider's answer was not heard in time. */
  | { readonly kind: 'unanswered'; readonly at: number; readonly message: string; readonly attempt: number }
  | { readonly kind: 'dies'; readonly at: number; readonly point: string }
  | { readonly kind: 'stopped'; readonly at: number; readonly timers: number; readonly sockets: number }
  | { readonly kind: 'log'; readonly level: string; readonly message: string; readonly fields: unknown };

/** A line of who strikes. */
export type FaultEntry =
  | { readonly kind: 'ready'; readonly process: string; readonly delivers: boolean; readonly at: number }
  /** Ended by SIGKILL, of ours or of a failpoint. */
  | {
      readonly kind: 'killed';
      readonly process: string;
      readonly from: number;
      readonly at: number;
      readonly by: string;
    }
  /** Ended on request. */
  | {
      readonly kind: 'ended';
      readonly process: string;
      readonly from: number;
      readonly at: number;
      readonly code: number;
    }
  /** Ended, and nobody asked. */
  | { readonly kind: 'crashed'; readonly process: string; readonly at: number; readonly code: string }
  /** Stood still. */
  | { readonly kind: 'stalled'; readonly process: string; readonly from: number; readonly at: number }
  /** Something all processes depend on was away. */
  | { readonly kind: 'outage'; readonly what: string; readonly from: number; readonly at: number };

/** Where the ledgers of a run are, in its folder. */
export const ledgerFiles = {
  client: 'client.jsonl',
  provider: 'provider.jsonl',
  faults: 'faults.jsonl',
  worker: (process: string): string => `worker-${process}.jsonl`,
} as const;

/** The tenants of a run. */
export const tenants: readonly Scope[] = ['acme', 'globex', 'initech'].map((tenant) => ({ tenant, mode: 'live' }));
