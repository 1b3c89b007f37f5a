import type { HeldLease, Renewal } from '@tidings/core/spec';
import { change } from './commit.ts';
import type { Context } from './context.ts';
import { decodeId } from './rows.ts';
import { ask, type Cell, type RawRow, type Script } from './statement.ts';

/**
 * Two round trips: what is still held is locked, unless somebody else has it locked, and then written. What the first did
 * not give is looked at without a lock: held still, somebody has it locked; otherwise it is lost.
 */
export function renew(context: Context, leases: readonly HeldLease[], leaseMs: number): Promise<Renewal> {
  return change(context, function* (): Script<Renewal> {
    if (leases.length === 0) return { lost: [], skipped: [] };
    const { clock, claims } = context;
    const asked = leases.map(({ scope, id, epoch }) => [scope, id, epoch]);
    const locking = { statement: claims.lockedLeases, rows: asked };
    const first = [...(yield* ask(typeof clock === 'function' ? [locking] : [clock, locking]))];
    const now = typeof clock === 'function' ? clock() : Number(first.shift()?.rows[0]?.now);
    const held = heldOf(first[0]?.rows ?? []);
    const missing = leases.filter((lease) => !held.has(keyOf(lease)));
    const rows = [...held.values()].map(({ scope, id }): readonly Cell[] => [scope, id, now + leaseMs]);
    const queries = [
      ...(missing.length > 0
        ? [{ statement: claims.leases, rows: missing.map((one) => [one.scope, one.id, one.epoch]) }]
        : []),
      ...(rows.length > 0 ? [{ statement: claims.renew, rows }] : []),
    ];
    const [looked] = yield* ask(queries, true);
    const locked = missing.length > 0 ? heldOf(looked?.rows ?? []) : new Map();
    return {
      lost: missing.filter((lease) => !locked.has(keyOf(lease))),
      skipped: missing.filter((lease) => locked.has(keyOf(lease))),
    };
  });
}

function heldOf(rows: readonly RawRow[]): Map<string, HeldLease> {
  const held = new Map<string, HeldLease>();
  for (const raw of rows) {
    const lease = { scope: Number(raw.scope), id: decodeId(raw.id), epoch: Number(raw.epoch) };
    held.set(keyOf(lease), lease);
  }
  return held;
}

const keyOf = ({ scope, id, epoch }: HeldLease): string => `${scope} ${id} ${epoch}`;
