import type { HeldLease, Renewal } from '../spec/index.ts';
import type { MemoryTables } from './memory-tables.ts';

/** Makes the leases that are still their holder's last longer. */
export function renewLeases(tables: MemoryTables, leases: readonly HeldLease[], leaseMs: number, now: number): Renewal {
  const leaseUntil = now + leaseMs;
  const lost: HeldLease[] = [];
  for (const lease of leases) {
    const entry = tables.scope(lease.scope).messages.get(lease.id);
    if (!entry || entry.row.epoch !== lease.epoch || entry.row.leaseUntil === null) {
      lost.push(lease);
      continue;
    }
    entry.row = { ...entry.row, leaseUntil, dueAt: leaseUntil };
    tables.file(entry);
  }
  return { lost, skipped: [] };
}
