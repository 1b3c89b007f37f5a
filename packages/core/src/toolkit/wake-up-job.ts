import type { Priority, WakeUp } from '../spec/index.ts';

/** What a broker carries: wake-ups of one priority. Ids and names only, never personal data. */
export interface WakeUpJob {
  /** Version of this form. */
  readonly v: 1;
  readonly priority: Priority;
  /** Lane, scope and ids of each. */
  readonly wakeUps: readonly (readonly [lane: string, scope: number, ids: readonly string[]])[];
}

/** Most ids of a job: about 40 KB. */
export const mostWakeUpIds = 1000;
const mostWakeUps = 1000;

/** Puts wake-ups into as few jobs as their priorities and `mostWakeUpIds` allow, the most urgent first. */
export function wakeUpJobs(wakeUps: Iterable<WakeUp>): readonly WakeUpJob[] {
  const bands = new Map<Priority, WakeUp[]>([
    [0, []],
    [1, []],
    [2, []],
  ]);
  for (const wakeUp of wakeUps) bands.get(wakeUp.priority)?.push(wakeUp);
  return [...bands].flatMap(([priority, band]) =>
    chunks(band).map((chunk): WakeUpJob => {
      return { v: 1, priority, wakeUps: chunk.map(({ lane, scope, ids }) => [lane, scope, ids] as const) };
    }),
  );
}

function chunks(wakeUps: readonly WakeUp[]): readonly (readonly WakeUp[])[] {
  const made: WakeUp[][] = [];
  let ids = 0;
  for (const wakeUp of wakeUps) {
    let last = made.at(-1);
    if (!last || last.length >= mostWakeUps || ids + wakeUp.ids.length > mostWakeUpIds) {
      last = [];
      made.push(last);
      ids = 0;
    }
    last.push(wakeUp);
    ids += wakeUp.ids.length;
  }
  return made;
}

/** The wake-ups of a job; undefined for what this version cannot read, which another version may have written. */
export function readWakeUpJob(data: unknown): readonly WakeUp[] | undefined {
  if (typeof data !== 'object' || data === null) return undefined;
  const { v, priority, wakeUps } = data as Partial<Record<keyof WakeUpJob, unknown>>;
  if (v !== 1 || !isPriority(priority) || !Array.isArray(wakeUps)) return undefined;
  const read: WakeUp[] = [];
  for (const wakeUp of wakeUps) {
    if (!Array.isArray(wakeUp)) return undefined;
    const [lane, scope, ids] = wakeUp as unknown[];
    if (typeof lane !== 'string' || !Number.isSafeInteger(scope) || !Array.isArray(ids)) return undefined;
    if (!ids.every((id) => typeof id === 'string')) return undefined;
    read.push({ lane, priority, scope: scope as number, ids });
  }
  return read;
}

function isPriority(value: unknown): value is Priority {
  return value === 0 || value === 1 || value === 2;
}
