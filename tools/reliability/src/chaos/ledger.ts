import { closeSync, existsSync, openSync, readFileSync, writeSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

/** An append-only file of JSON lines. */
export interface Ledger<Entry> {
  /** Resolves when the line is on the disk. Lines written at once share an fsync. */
  write(entry: Entry): Promise<void>;
  close(): Promise<void>;
}

/** A ledger of a process that is never killed: what it resolved is durable. */
export async function openLedger<Entry>(file: string): Promise<Ledger<Entry>> {
  const handle: FileHandle = await open(file, 'a');
  let waiting: string[] = [];
  let flushing: Promise<void> | undefined;

  async function flush(): Promise<void> {
    // whoever writes in this turn of the loop shares the fsync
    await new Promise<void>((resolve) => setImmediate(resolve));
    const lines = waiting;
    waiting = [];
    flushing = undefined;
    await handle.write(lines.join(''));
    await handle.datasync();
  }

  let last = Promise.resolve();
  return {
    write(entry) {
      waiting.push(`${JSON.stringify(entry)}\n`);
      flushing ??= last.then(flush);
      last = flushing;
      return flushing;
    },
    async close() {
      await last;
      await handle.close();
    },
  };
}

/** A ledger of a process that is killed: each line is with the kernel, which outlives it, before the call returns. */
export function openJournal<Entry>(file: string): { write(entry: Entry): void; close(): void } {
  const descriptor = openSync(file, 'a');
  let closed = false;
  return {
    write(entry) {
      if (!closed) writeSync(descriptor, `${JSON.stringify(entry)}\n`);
    },
    close() {
      if (!closed) closeSync(descriptor);
      closed = true;
    },
  };
}

/** The lines of a ledger; none when it was never made. A last line that a kill cut short is left out. */
export function readLedger<Entry>(file: string): Entry[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n');
  lines.pop();
  return lines.map((line) => JSON.parse(line) as Entry);
}
