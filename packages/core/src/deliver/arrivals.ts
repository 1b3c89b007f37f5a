/** Leases on their way to this process: the store may have given them already, and nobody here holds them yet. */
export interface Arrivals {
  /** `leasing` resolves once what it leased is held. */
  during<Result>(leasing: Promise<Result>): Promise<Result>;
  /** Resolves when those under way now have come or failed. */
  settled(): Promise<void>;
}

/** Knows what is under way, so that who stops work can wait for it and then take it back. */
export function createArrivals(): Arrivals {
  const underWay = new Set<Promise<unknown>>();
  return {
    async during(leasing) {
      underWay.add(leasing);
      try {
        return await leasing;
      } finally {
        underWay.delete(leasing);
      }
    },
    async settled() {
      await Promise.allSettled(underWay);
    },
  };
}
