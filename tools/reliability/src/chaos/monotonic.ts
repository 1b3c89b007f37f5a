/** Milliseconds of the machine's monotonic clock: one order for all processes of a run, whatever is done to the date. */
export function monotonic(): number {
  return Number(process.hrtime.bigint() / 1000n) / 1000;
}
