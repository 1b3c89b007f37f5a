/**
 * Decides in which order operations that wait at a port begin and answer, and when time goes on meanwhile. The same
 * numbers give the same order; when they have run out, each goes on in the order it came.
 */
export class Schedule {
  readonly #picks: readonly number[];
  #used = 0;
  #waiting: (() => void)[] = [];

  constructor(picks: readonly number[]) {
    this.#picks = picks;
  }

  /** Resolves when its turn comes. */
  turn(): Promise<void> {
    if (this.#picks.length === 0) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** How many wait. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Lets one go on, or says that time should first: one in eight times. */
  release(): 'released' | 'time' {
    const pick = this.#picks[this.#used] ?? 0;
    this.#used += 1;
    if (pick % 8 === 7) return 'time';
    const [next] = this.#waiting.splice((pick >> 3) % this.#waiting.length, 1);
    next?.();
    return 'released';
  }
}
