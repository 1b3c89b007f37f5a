// The checker of a chaos run: reads what is left of it, and says what was broken. Never killed.
import type { ChaosOptions } from '../chaos-options.ts';
import type { Place } from '../settings.ts';
import { gatherHistory } from './gather-history.ts';
import { judge } from './judge.ts';

/** What the checker is told when it starts. */
export interface CheckerOrder {
  readonly folder: string;
  readonly place: Place;
  readonly options: ChaosOptions;
  readonly quiet: boolean;
  /** How late a timer was on this machine at worst. */
  readonly lateMs: number;
}

const { folder, place, options, quiet, lateMs } = JSON.parse(process.env.TIDINGS_CHAOS_CHECKER ?? '{}') as CheckerOrder;
const judgement = judge(await gatherHistory(folder, place, options, quiet), options.mode, lateMs);
process.send?.(judgement, () => process.disconnect());
