const firstMs = 100;
const longestMs = 5000;

/** Ms to wait after this many failures in a row, 1 for the first: 100 ms, twice as long each time, at most 5 s. */
export function backOff(failures: number): number {
  return Math.min(longestMs, firstMs * 2 ** Math.min(failures - 1, 16));
}
