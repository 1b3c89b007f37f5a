import { acknowledgedIsKept } from './acknowledged-is-kept.ts';
import { calledOnce } from './called-once.ts';
import { countsAddUp } from './counts-add-up.ts';
import { erasedIsGone } from './erased-is-gone.ts';
import { everythingEnds } from './everything-ends.ts';
import type { History } from './history.ts';
import { type IndexedHistory, indexHistory } from './index-history.ts';
import { legalLives } from './legal-lives.ts';
import { neverEarly } from './never-early.ts';
import { onePerKey } from './one-per-key.ts';
import { scopesApart } from './scopes-apart.ts';
import { staleChangesNothing } from './stale-changes-nothing.ts';
import { stoppedIsStill } from './stopped-is-still.ts';
import { suppressedIsSilent } from './suppressed-is-silent.ts';
import type { InvariantId, Violation } from './violation.ts';

/** Every check, by the promise it watches over. */
export const invariants: Readonly<Record<InvariantId, (history: IndexedHistory) => Violation[]>> = {
  I1: acknowledgedIsKept,
  I2: everythingEnds,
  I3: calledOnce,
  I4: suppressedIsSilent,
  I5: onePerKey,
  I6: legalLives,
  I7: countsAddUp,
  I8: staleChangesNothing,
  I9: neverEarly,
  I10: scopesApart,
  I11: erasedIsGone,
  I13: stoppedIsStill,
};

/** Everything that a history breaks; empty: every promise was kept. */
export function checkHistory(history: History): Violation[] {
  const indexed = indexHistory(history);
  return Object.values(invariants).flatMap((check) => check(indexed));
}
