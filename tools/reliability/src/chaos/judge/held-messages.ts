import type { FaultEntry, WorkerEntry } from '../entries.ts';

/** What the journal of one worker says of the messages it held. */
export interface WorkerLife {
  readonly process: string;
  readonly entries: readonly WorkerEntry[];
  /** When it was killed; null: it never was. */
  readonly killedAt: number | null;
  /** It ended while it claimed: it may have leased what nobody knows of. */
  readonly claiming: boolean;
  /** Held at its end, each with the time it was leased. */
  readonly held: ReadonlyMap<string, number>;
}

/** Reads a worker's journal to its end. */
export function workerLife(
  process: string,
  entries: readonly WorkerEntry[],
  faults: readonly FaultEntry[],
): WorkerLife {
  const held = new Map<string, number>();
  let diedAt: number | null = null;
  let claiming = false;
  for (const entry of entries) {
    if (entry.kind === 'leased') for (const id of entry.ids) held.set(id, entry.at);
    else if (entry.kind === 'settled') for (const id of entry.ids) held.delete(id);
    else if (entry.kind === 'claiming') claiming = true;
    else if (entry.kind === 'claimed') claiming = false;
    else if (entry.kind === 'dies') diedAt = entry.at;
  }
  const killed = faults.find((fault) => fault.kind === 'killed' && fault.process === process);
  const killedAt = killed?.kind === 'killed' ? (diedAt ?? killed.at) : null;
  return { process, entries, killedAt, claiming, held };
}
