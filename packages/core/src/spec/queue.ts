import type { ScopeId } from './scope.ts';

/** A hint that rows are due. Losing it loses nothing: the store is polled. It holds ids, never personal data. */
export interface WakeUp {
  /** The adapter's lane. */
  readonly lane: string;
  /** 0 first, then 1, then 2. */
  readonly priority: Priority;
  readonly scope: ScopeId;
  /** Ids of due messages; the consumer claims by lane, so a stale id does no harm. */
  readonly ids: readonly string[];
}

/** Priority band: 0 urgent, 1 normal, 2 bulk. */
export type Priority = 0 | 1 | 2;

/** Carries wake-ups between processes that accept and processes that deliver. Waiting lives in the store, not here. */
export interface Queue {
  readonly specVersion: 1;
  /** Hands over wake-ups due now. Rejects when the broker is away; the engine then relies on the due poll. */
  publish(wakeUps: readonly WakeUp[]): Promise<void>;
  /** Calls `handler` for what is published, at least once each, until the returned function is called. One consumer a queue object. */
  consume(handler: (wakeUps: readonly WakeUp[]) => Promise<void>): Promise<() => Promise<void>>;
  /** Ends connections and timers. Twice is once. */
  close(): Promise<void>;
}
