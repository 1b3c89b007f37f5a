/** How many items a commit may have, so that it does not block its thread for long. */
export interface BatchSize {
  readonly size: number;
  /** A commit of so many items took so long. */
  note(count: number, tookMs: number): void;
}

const smallest = 10;
// How much of what was known stays with each commit.
const memory = 0.9;
// Batches that differ by less of their length do not tell what a commit costs from what its items do.
const leastSpread = 0.05;

/**
 * Learns from commits what one costs by itself and what each item adds. Of the first a smaller batch saves nothing: where
 * a disk takes long to answer, fewer items a commit only mean more waits. So it is the items' part that is kept within
 * `blockMs`, or within what the commit takes anyway.
 */
export function createBatchSize(options: {
  readonly size: number;
  readonly cap: number;
  readonly blockMs: number;
}): BatchSize {
  const { cap, blockMs } = options;
  let { size } = options;
  let weight = 0;
  let counts = 0;
  let times = 0;
  let squares = 0;
  let products = 0;

  function addedByEach(): number {
    const spread = squares - counts * counts;
    const known = spread > (leastSpread * counts) ** 2;
    return known ? Math.max(0, (products - counts * times) / spread) : times / counts;
  }

  return {
    get size() {
      return size;
    },
    note(count, tookMs) {
      weight = weight * memory + 1;
      counts += (count - counts) / weight;
      times += (tookMs - times) / weight;
      squares += (count * count - squares) / weight;
      products += (count * tookMs - products) / weight;
      const each = addedByEach();
      const alone = Math.max(0, times - each * counts);
      const wanted = each === 0 ? cap : Math.floor(Math.max(blockMs - alone, alone) / each);
      // Grows step by step: what was long ago tells little of batches that were never tried.
      size = Math.min(cap, Math.max(smallest, Math.min(wanted, Math.ceil(size * 1.25))));
    },
  };
}
