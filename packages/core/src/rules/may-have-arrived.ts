import type { TimelineEntry } from '../spec/index.ts';

/** Whether a provider may have sent a message that was never accepted: what came of one of its attempts is not known. */
export function mayHaveArrived(timeline: readonly TimelineEntry[]): boolean {
  return timeline.some(({ event, outcome }) => event === 'attempt' && outcome === 'unknown');
}
