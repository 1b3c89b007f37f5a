import type { Claim, Logger, MessageRow, Scope, Work, Writes } from '@tidings/core/spec';
import { TidingsError } from '@tidings/core/spec';
import type {
  Acknowledged,
  Broadcasted,
  Excuse,
  GuardedWrite,
  KeptText,
  ProviderCall,
  Shutdown,
  Stopped,
} from '../invariants/history.ts';

interface Lease {
  readonly process: string;
  /** Taken over from a holder who may have called: kept on purpose when it cannot be worked off. */
  readonly lapsed: boolean;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Writes down what is seen of a run. Nothing it is told changes what happens. */
export class Recorder {
  readonly sends: Acknowledged[] = [];
  readonly calls: Mutable<ProviderCall>[] = [];
  readonly stops: Mutable<Stopped>[] = [];
  readonly broadcasts: Broadcasted[] = [];
  readonly excuses: Excuse[] = [];
  readonly shutdowns: Shutdown[] = [];
  readonly writes: GuardedWrite[] = [];
  readonly texts: KeptText[] = [];
  readonly scopes = new Map<number, Scope & { readonly id: number }>();
  readonly keys = new Map<string, { readonly scope: Scope; readonly event: string; readonly key: string }>();
  readonly #epochs = new Map<string, number>();
  readonly #leases = new Map<string, Lease>();
  readonly #owners = new Map<string, string | null>();
  #moments = 0;

  /** The next moment of the one order everything is put in. */
  moment(): number {
    this.#moments += 1;
    return this.#moments;
  }

  /** Sees what a commit wrote, once it has. */
  watch<R>(work: Work<R>): { readonly watched: Work<R>; readonly written: (process: string) => void } {
    let last: Writes | undefined;
    const watched: Work<R> = {
      ...work,
      decide(facts) {
        const decision = work.decide(facts);
        last = decision.more === undefined ? decision.writes : undefined;
        return decision;
      },
    };
    return { watched, written: (process) => last && this.#written(last, process) };
  }

  #written({ messages }: Writes, process: string): void {
    for (const { id, leaseIn, contactId } of messages?.insert ?? []) {
      this.#epochs.set(id, 1);
      this.#owners.set(id, contactId);
      if (leaseIn !== null) this.#leases.set(id, { process, lapsed: false });
    }
    for (const { id, epoch } of messages?.update ?? []) {
      const found = this.#epochs.get(id);
      if (found !== undefined) this.writes.push({ messageId: id, at: this.moment(), guard: epoch, found });
      this.#epochs.set(id, (found ?? epoch) + 1);
    }
  }

  claimed({ messages }: Claim, process: string): void {
    for (const { message, lapsed } of messages) this.#claimed(message, lapsed, process);
  }

  #claimed({ id, epoch }: MessageRow, lapsed: boolean, process: string): void {
    this.#epochs.set(id, epoch);
    this.#leases.set(id, { process, lapsed });
  }

  /** Its rows got other epochs, so that nobody holds them any more. */
  erased(contact: string): void {
    for (const [id, owner] of this.#owners) {
      if (owner !== contact) continue;
      this.#epochs.delete(id);
      this.#leases.delete(id);
    }
  }

  /** Whether a message was last leased by that process, in a way that its end should have undone. */
  holds(process: string, id: string): boolean {
    const lease = this.#leases.get(id);
    return lease?.process === process && !lease.lapsed;
  }

  logger(): Logger {
    const write = (fields: object, message: string): void => {
      const plain = Object.entries(fields).map(([name, value]) => [
        name,
        value instanceof Error ? textOf(value) : value,
      ]);
      this.texts.push({ where: 'log', text: `${message} ${JSON.stringify(plain)}` });
    };
    return { debug: write, info: write, warn: write, error: write };
  }
}

function textOf(error: Error): string {
  const details = TidingsError.is(error) ? JSON.stringify(error.details) : '';
  const cause = error.cause instanceof Error ? textOf(error.cause) : '';
  return `${error.message} ${details} ${cause}`;
}
