/** Random numbers that a seed repeats. */
export interface Seeded {
  /** 0 ≤ n < 1. */
  fraction(): number;
  /** A whole number, 0 ≤ n < `below`. */
  below(limit: number): number;
  chance(probability: number): boolean;
  pick<Item>(items: readonly Item[]): Item;
}

/** Mulberry32; `stream` gives each process of a run numbers of its own. */
export function seeded(seed: number, stream: string): Seeded {
  let state = seed >>> 0;
  for (const char of stream) state = (Math.imul(state ^ char.charCodeAt(0), 0x9e3779b1) + 0x7f4a7c15) >>> 0;
  function fraction(): number {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
  const below = (limit: number): number => Math.floor(fraction() * limit);
  return {
    fraction,
    below,
    chance: (probability) => fraction() < probability,
    pick(items) {
      const item = items[below(items.length)];
      if (item === undefined) throw new Error('There is nothing to pick from.');
      return item;
    },
  };
}
