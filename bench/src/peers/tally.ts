/** Counts what was done, each number once. */
export interface Tally {
  /** Says that one is done. */
  add(number: number): void;
  /** Resolves once so many are done; fails when one was done twice, or none for 20 seconds. */
  reaches(count: number): Promise<void>;
}

const patienceMs = 20_000;

/** A tally of nothing. */
export function newTally(): Tally {
  const done = new Set<number>();
  let twice = 0;
  let wanted: { readonly count: number; resolve(): void } | undefined;
  return {
    add(number) {
      if (done.has(number)) twice += 1;
      done.add(number);
      if (wanted && done.size >= wanted.count) wanted.resolve();
    },
    async reaches(count) {
      let before = done.size;
      let watch: NodeJS.Timeout | undefined;
      try {
        await new Promise<void>((resolve, reject) => {
          wanted = { count, resolve };
          if (done.size >= count) resolve();
          watch = setInterval(() => {
            if (done.size === before) reject(new Error(`${count} expected, but only ${done.size} were done.`));
            before = done.size;
          }, patienceMs);
        });
      } finally {
        clearInterval(watch);
        wanted = undefined;
      }
      if (done.size !== count || twice > 0) {
        throw new Error(`${count} expected, but ${done.size} were done, ${twice} of them twice.`);
      }
    },
  };
}
