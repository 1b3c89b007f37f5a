/** How hard randomised and concurrent tests try: `quick` while working, `ci` for every change, `verify` before a release. */
export type Effort = 'quick' | 'ci' | 'verify';

/** The count for the effort that `TIDINGS_EFFORT` names. Default: `quick`. Throws for a name that is none of the three. */
export function effort(counts: Readonly<Record<Effort, number>>): number {
  const name = process.env.TIDINGS_EFFORT || 'quick';
  if (name !== 'quick' && name !== 'ci' && name !== 'verify') {
    throw new Error(`TIDINGS_EFFORT is "${name}"; it may be quick, ci or verify.`);
  }
  return counts[name];
}
