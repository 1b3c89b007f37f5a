import type { IndexedHistory } from './index-history.ts';
import type { Violation } from './violation.ts';

/** I11: after an erasure no plain word of the person is kept anywhere. */
export function erasedIsGone(history: IndexedHistory): Violation[] {
  const broken: Violation[] = [];
  for (const { words } of history.stops) {
    for (const { where, text } of history.texts ?? []) {
      const lower = text.toLowerCase();
      // The word itself is not repeated: a report must not hold what should be gone.
      const found = words.findIndex((word) => lower.includes(word.toLowerCase()));
      if (found >= 0)
        broken.push({ invariant: 'I11', subject: where, says: `word ${found} of an erased person is kept` });
    }
  }
  return broken;
}
