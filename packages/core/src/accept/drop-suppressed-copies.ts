import type { TimelineEntry } from '../spec/index.ts';
import type { AcceptItem } from './accept-item.ts';
import type { WorkingSet } from './working-set.ts';

/** The options to keep once suppressed copies (cc, bcc) are taken out, and what to say of that in the timeline. */
export function dropSuppressedCopies(
  item: AcceptItem,
  set: WorkingSet,
): { readonly json: string | null; readonly dropped: TimelineEntry[] } {
  const dropped: TimelineEntry[] = [];
  const gone = item.copies.filter((copy) => {
    for (const hash of copy.hashes) {
      const reason = set.suppression(item.scope, hash, copy.channel)?.reason;
      if (reason === undefined) continue;
      dropped.push({ event: 'copy-suppressed', channel: copy.channel, field: copy.field, reason });
      return true;
    }
    return false;
  });
  if (gone.length === 0 || item.options === null) return { json: item.options, dropped };
  const options = JSON.parse(item.options) as { overrides: Record<string, Record<string, unknown>> };
  for (const copy of gone) {
    const overrides = options.overrides[copy.channel];
    const list = overrides?.[copy.field];
    if (!overrides) continue;
    if (Array.isArray(list)) overrides[copy.field] = list.filter((address) => address !== copy.address);
    else delete overrides[copy.field];
  }
  return { json: JSON.stringify(options), dropped };
}
