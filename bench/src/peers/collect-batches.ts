/**
 * Collects what is asked for at the same time, as DataLoader does: one piece of work for many callers. No more than two
 * are under way at once, so that what is asked for meanwhile makes a larger one.
 */
export function collectBatches<Item, Result>(
  most: number,
  work: (items: readonly Item[]) => Promise<readonly Result[]>,
): (item: Item) => Promise<Result> {
  interface Asked {
    readonly item: Item;
    resolve(result: Result): void;
    reject(err: unknown): void;
  }
  let waiting: Asked[] = [];
  let running = 0;

  async function runOn(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    while (waiting.length > 0) {
      const batch = waiting.slice(0, most);
      waiting = waiting.slice(most);
      await settle(batch);
    }
    running -= 1;
  }
  async function settle(batch: readonly Asked[]): Promise<void> {
    try {
      const results = await work(batch.map(({ item }) => item));
      batch.forEach(({ resolve }, index) => {
        resolve(results[index] as Result);
      });
    } catch (err) {
      for (const { reject } of batch) reject(err);
    }
  }
  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      if (running >= atOnce) return;
      running += 1;
      void runOn();
    });
}

const atOnce = 2;
