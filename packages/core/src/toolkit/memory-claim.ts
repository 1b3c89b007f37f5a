import type { Claim, ClaimedMessage, ClaimRequest } from '../spec/index.ts';
import { copyContact, copyMessage, type LaneHeaps, type MemoryTables, type MessageEntry } from './memory-tables.ts';

/** Leases due messages of the lanes asked for, then stranded ones. */
export function claimMessages(tables: MemoryTables, request: ClaimRequest, now: number): Claim {
  const taken: MessageEntry[] = [];
  for (const { lane, limit } of request.lanes) {
    if (pauseOf(tables, lane, now) === 0) take(tables.lanes.get(lane), now, limit, taken);
  }
  const { stranded } = request;
  if (stranded) {
    const known = new Set(stranded.known);
    const most = taken.length + stranded.limit;
    for (const [lane, heaps] of tables.lanes) {
      if (known.has(lane) || pauseOf(tables, lane, now) > 0) continue;
      take(heaps, now - stranded.strandedMs - 1, most - taken.length, taken);
    }
  }
  const messages = taken.map((entry) => lease(tables, entry, request.leaseMs, now));
  const paused = request.lanes
    .map(({ lane }) => ({ lane, pauseIn: pauseOf(tables, lane, now) }))
    .filter(({ pauseIn }) => pauseIn > 0);
  return { now, messages, nextDueIn: nextDueIn(tables, request, now), paused };
}

function take(heaps: LaneHeaps | undefined, dueUntil: number, limit: number, taken: MessageEntry[]): void {
  let room = limit;
  for (const heap of heaps ?? []) {
    for (let first = heap.first; room > 0 && first && first.dueAt <= dueUntil; first = heap.first) {
      heap.remove(first);
      first.heap = undefined;
      taken.push(first);
      room -= 1;
    }
  }
}

function lease(tables: MemoryTables, entry: MessageEntry, leaseMs: number, now: number): ClaimedMessage {
  const lapsed = entry.row.leaseUntil !== null;
  const leaseUntil = now + leaseMs;
  entry.row = { ...entry.row, epoch: entry.row.epoch + 1, leaseUntil, dueAt: leaseUntil };
  tables.file(entry);
  const { scope, contactId } = entry.row;
  const contact = contactId === null ? undefined : tables.scope(scope).contacts.get(contactId);
  return {
    message: copyMessage(entry.row),
    lapsed,
    notification: { ...entry.notification.row },
    siblings: entry.notification.messages.length,
    contact: contact ? copyContact(contact) : null,
    content: entry.content,
  };
}

/** A row in a paused lane falls due when the pause is over. */
function nextDueIn(tables: MemoryTables, request: ClaimRequest, now: number): number | null {
  let next: number | null = null;
  for (const { lane } of request.lanes) {
    for (const { first } of tables.lanes.get(lane) ?? []) {
      if (!first) continue;
      const dueIn = Math.max(0, first.dueAt - now, pauseOf(tables, lane, now));
      if (next === null || dueIn < next) next = dueIn;
    }
  }
  return next;
}

function pauseOf(tables: MemoryTables, lane: string, now: number): number {
  const until = tables.pausedUntil.get(lane);
  return until === undefined ? 0 : Math.max(0, until - now);
}
