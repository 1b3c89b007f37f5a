import { moveMessage } from '../lifecycle/transition.ts';
import type { Facts, MessageRow, MessageUpdate, NewMessage, RowKey } from '../spec/index.ts';
import type { AcceptItem } from './accept-item.ts';
import type { AcceptResult, FoundAccept, RecipientOutcome } from './decide-accept.ts';

/** What sends came to whose commit was not answered, so that they are not decided on twice. */
export interface UnsureAccepts {
  /** Their commit may have been carried out. */
  note(items: readonly AcceptItem[], results: readonly AcceptResult[]): void;
  /** The notifications that tell whether it was. */
  reads(items: readonly AcceptItem[]): readonly RowKey[];
  /** What the send came to, if its commit was carried out. Counts down `room` by what is still leased here. */
  find(item: AcceptItem, facts: Facts, room: Map<string, number>): FoundAccept | undefined;
}

/** Remembers sends for as long as somebody waits for them. A batch commits whole, so one of its ids tells of all. */
export function createUnsureAccepts(): UnsureAccepts {
  const results = new WeakMap<AcceptItem, AcceptResult>();

  function idOf(item: AcceptItem): string | undefined {
    const result = results.get(item);
    if (result?.kind !== 'accepted') return undefined;
    const [first] = result.outcomes.flatMap((outcome) => (outcome.status === 'accepted' ? [outcome.id] : []));
    return first;
  }

  return {
    note(items, given) {
      for (const [index, item] of items.entries()) {
        const result = given[index];
        if (result?.kind === 'accepted') results.set(item, result);
      }
    },
    reads(items) {
      return items.flatMap((item) => {
        const result = results.get(item);
        if (result?.kind !== 'accepted') return [];
        return result.outcomes.flatMap((outcome) =>
          outcome.status === 'accepted' ? [{ scope: item.scope, id: outcome.id }] : [],
        );
      });
    },
    find(item, facts, room) {
      const result = results.get(item);
      const id = idOf(item);
      if (result?.kind !== 'accepted' || id === undefined) return undefined;
      if (!facts.notifications.some((row) => row.scope === item.scope && row.id === id)) return undefined;
      const rows = new Map(facts.messages.flatMap((row) => (row.scope === item.scope ? [[row.id, row] as const] : [])));
      const giveBack: MessageUpdate[] = [];
      const outcomes = result.outcomes.map((outcome) => asItStands(outcome, rows, room, giveBack));
      return { result: { kind: 'accepted', outcomes }, giveBack };
    },
  };
}

/** Its jobs that are still this process's and have room; the others of its own go back. */
function asItStands(
  outcome: RecipientOutcome,
  rows: ReadonlyMap<string, MessageRow>,
  room: Map<string, number>,
  giveBack: MessageUpdate[],
): RecipientOutcome {
  if (outcome.status !== 'accepted') return outcome;
  const waiting: NewMessage[] = [...outcome.waiting];
  const jobs = outcome.jobs.filter(({ message }) => {
    const row = rows.get(message.id);
    if (!row || row.epoch !== message.epoch || row.leaseUntil === null) return false;
    const free = room.get(row.lane) ?? 0;
    if (free > 0) {
      room.set(row.lane, free - 1);
      return true;
    }
    giveBack.push(moveMessage(row, 'queued', { dueIn: 0 }));
    waiting.push(...outcome.messages.filter(({ id }) => id === row.id));
    return false;
  });
  return { ...outcome, jobs, waiting };
}
