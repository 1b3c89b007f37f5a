import type { EventPlan } from '../plan/plan.ts';
import { TidingsError } from '../spec/index.ts';

/** What is kept of rendered content, as JSON; null: nothing. */
export function snapshotOf(snapshot: EventPlan['snapshot'], content: Record<string, unknown>): string | null {
  if (snapshot === 'off') return null;
  if (snapshot === 'keep') return JSON.stringify(content);
  try {
    return JSON.stringify(snapshot(content));
  } catch (cause) {
    throw new TidingsError('TEMPLATE_FAILED', '`snapshot.redact` threw, so nothing was sent.', { cause });
  }
}
