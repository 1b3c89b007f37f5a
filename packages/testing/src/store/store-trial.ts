import type { ClaimedMessage, ScopeId, Store } from '@tidings/core/spec';
import { newId } from './rows.ts';

/** A store on trial, and what the trial may do to it. */
export interface StoreSubject {
  readonly store: Store;
  /** Moves the store's clock ahead, where it has an injected one. */
  advance?(ms: number): void | Promise<void>;
  /** Closes the store and opens what it kept once more. */
  reopen?(): Promise<Store>;
  /** Begins a transaction of a host's on the same database, for a store that joins them. */
  begin?(): Promise<HostTransaction>;
  /** Removes everything that was made for it. */
  close(): Promise<void>;
}

/** A transaction of a host's, with a table of its own that has nothing to do with the store's. */
export interface HostTransaction {
  /** What `transaction` takes. */
  readonly transaction: unknown;
  /** The store has no connection left while it is open. Default: false. */
  readonly alone?: boolean;
  /** Writes a row of the host's own inside it. */
  note(text: string): Promise<void>;
  commit(): Promise<void>;
  rollback(): Promise<void>;
  /** What was noted in this transaction and is committed, in its order; asked when the transaction has ended. */
  notes(): Promise<readonly string[]>;
}

/** Makes an empty store; `migrate` is called by the trial. */
export type StoreFactory = () => Promise<StoreSubject>;

/** What a case of the store contract works with. Its scope and its lane are its own; the store is shared. */
export interface StoreTrial {
  readonly store: Store;
  readonly scope: ScopeId;
  /** Another tenant's. */
  readonly otherScope: ScopeId;
  readonly lane: string;
  /** Moves the store's clock ahead. */
  advance(ms: number): Promise<void>;
  /** Claims from the case's own lane. */
  claim(limit?: number, leaseMs?: number): Promise<readonly ClaimedMessage[]>;
  /** Begins a transaction of a host's; rolled back when the case is over and it is still open. */
  begin(): Promise<HostTransaction>;
  /** Another, empty store, not yet migrated; closed when the case is over. */
  fresh(): Promise<StoreSubject>;
}

/** Runs one case on a store that has been migrated. */
export async function tryOn(
  subject: StoreSubject,
  factory: StoreFactory,
  run: (trial: StoreTrial) => Promise<void>,
): Promise<void> {
  const { store } = subject;
  const lane = `lane-${newId()}`;
  const made: StoreSubject[] = [];
  const ends: (() => Promise<void>)[] = [];
  const trial: StoreTrial = {
    store,
    scope: await store.scope(`tenant-${newId()}`, 'live'),
    otherScope: await store.scope(`tenant-${newId()}`, 'live'),
    lane,
    async advance(ms) {
      if (!subject.advance) {
        throw new Error("This case moves the store's clock: give `advance`, or say `lacks: ['advance']`.");
      }
      await subject.advance(ms);
    },
    async claim(limit = 100, leaseMs = 60_000) {
      return (await store.claim({ lanes: [{ lane, limit }], leaseMs })).messages;
    },
    async begin() {
      if (!subject.begin) {
        throw new Error("This case joins a host's transaction: give `begin`, or say `lacks: ['transaction']`.");
      }
      const host = await subject.begin();
      let open = true;
      const end = async (how: 'commit' | 'rollback'): Promise<void> => {
        if (!open) return;
        open = false;
        await host[how]();
      };
      ends.push(() => end('rollback'));
      return { ...host, commit: () => end('commit'), rollback: () => end('rollback') };
    },
    async fresh() {
      const another = await factory();
      made.push(another);
      return another;
    },
  };
  try {
    await run(trial);
  } finally {
    for (const end of ends) await end();
    for (const another of made) await another.close();
  }
}
