import { describe, expect, test } from 'vitest';
import { TidingsError } from '../spec/index.ts';
import { type BatcherOptions, createBatcher, type Settled } from './batcher.ts';
import { createCommitTurns } from './commit-turns.ts';

/** A batcher whose commits return when they are told to. */
function controlled(options: Partial<BatcherOptions<number, string>> = {}): {
  readonly batcher: ReturnType<typeof createBatcher<number, string>>;
  readonly batches: number[][];
  release(): Promise<void>;
} {
  const batches: number[][] = [];
  const waiting: (() => void)[] = [];
  const batcher = createBatcher<number, string>({
    async run(items) {
      batches.push([...items]);
      await new Promise<void>((resolve) => waiting.push(resolve));
      return items.map((item) => ({ value: `done ${item}` }));
    },
    ...options,
  });
  return {
    batcher,
    batches,
    async release() {
      waiting.shift()?.();
      await turns();
    },
  };
}

async function turns(): Promise<void> {
  for (let turn = 0; turn < 4; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index);
const each = (items: readonly number[]): Settled<string>[] => items.map((item) => ({ value: `done ${item}` }));

describe('flushing', () => {
  test('what comes while a commit runs goes with the next, as soon as it returns', async () => {
    const { batcher, batches, release } = controlled();
    const all = [batcher.add(1), batcher.add(2)];
    await turns();
    all.push(batcher.add(3));
    await turns();
    all.push(batcher.add(4));
    await turns();
    expect(batches).toEqual([[1, 2]]);
    await release();
    expect(batches).toEqual([
      [1, 2],
      [3, 4],
    ]);
    await release();
    expect(await Promise.all(all)).toEqual(['done 1', 'done 2', 'done 3', 'done 4']);
  });

  test('waits for no timer', async () => {
    const batcher = createBatcher<number, string>({ run: async (items) => each(items) });
    let turn = 0;
    const counting = (async () => {
      for (; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    })();
    await batcher.add(1);
    expect(turn).toBeLessThan(3);
    await counting;
  });

  test('at most 200 at once, unless told otherwise', async () => {
    const sizes: number[] = [];
    const run = async (items: readonly number[]): Promise<Settled<string>[]> => {
      sizes.push(items.length);
      return each(items);
    };
    await Promise.all(range(1, 450).map(createBatcher({ run }).add));
    await Promise.all(range(1, 5).map(createBatcher({ run, size: 2 }).add));
    expect(sizes).toEqual([200, 200, 50, 2, 2, 1]);
  });

  test('keeps as many in flight as it may', async () => {
    const { batcher, batches, release } = controlled({ turns: createCommitTurns(2), size: 1 });
    const all = range(1, 4).map(batcher.add);
    await turns();
    expect(batches).toEqual([[1], [2]]);
    await release();
    expect(batches).toEqual([[1], [2], [3]]);
    for (let left = 3; left > 0; left -= 1) await release();
    expect(await Promise.all(all)).toHaveLength(4);
  });

  test('an item that must be alone is, and nobody is overtaken', async () => {
    const batches: number[][] = [];
    const batcher = createBatcher<number, string>({
      alone: (item) => item >= 100,
      async run(items) {
        batches.push([...items]);
        return each(items);
      },
    });
    await Promise.all([1, 2, 100, 101, 3, 4, 102].map(batcher.add));
    expect(batches).toEqual([[1, 2], [100], [101], [3, 4], [102]]);
  });
});

describe('a refused batch', () => {
  test('of 200 with one guilty item: 199 succeed', async () => {
    let runs = 0;
    const batcher = createBatcher<number, string>({
      async run(items) {
        runs += 1;
        if (items.includes(137)) throw new TidingsError('STORE_REFUSED', `refused with ${items.length}`);
        return each(items);
      },
    });
    const results = await Promise.allSettled(range(1, 200).map(batcher.add));
    const refused = results.flatMap((result, index) => (result.status === 'rejected' ? [index + 1] : []));
    expect(refused).toEqual([137]);
    expect((results[136] as PromiseRejectedResult).reason).toMatchObject({
      code: 'STORE_REFUSED',
      message: 'refused with 1',
    });
    expect(runs).toBeLessThan(20);
  });

  test('several guilty items each get their own error', async () => {
    const batcher = createBatcher<number, string>({
      async run(items) {
        const guilty = items.find((item) => item % 50 === 0);
        if (guilty !== undefined) throw new Error(`not ${guilty}`);
        return each(items);
      },
    });
    const results = await Promise.allSettled(range(1, 200).map(batcher.add));
    const messages = results.flatMap((result) =>
      result.status === 'rejected' ? [(result.reason as Error).message] : [],
    );
    expect(messages).toEqual(['not 50', 'not 100', 'not 150', 'not 200']);
  });

  test.each(['STORE_UNAVAILABLE', 'STORE_BUSY'] as const)('%s rejects all of it without asking again', async (code) => {
    let runs = 0;
    const batcher = createBatcher<number, string>({
      async run() {
        runs += 1;
        throw new TidingsError(code, 'away');
      },
    });
    const results = await Promise.allSettled(range(1, 10).map(batcher.add));
    expect(results.every((result) => result.status === 'rejected' && result.reason.code === code)).toBe(true);
    expect(runs).toBe(1);
  });

  test('a store that goes away while a batch is split is not asked for the rest', async () => {
    const sizes: number[] = [];
    const batcher = createBatcher<number, string>({
      async run(items) {
        sizes.push(items.length);
        if (items.length === 8) throw new Error('one of you');
        throw new TidingsError('STORE_UNAVAILABLE', 'away');
      },
    });
    const results = await Promise.allSettled(range(1, 8).map(batcher.add));
    expect(results.map((result) => (result as PromiseRejectedResult).reason.code)).toEqual(
      Array(8).fill('STORE_UNAVAILABLE'),
    );
    expect(sizes).toEqual([8, 4, 4]);
  });

  test('an error of one item in a committed batch is its own', async () => {
    const batcher = createBatcher<number, string>({
      run: async (items) =>
        items.map((item): Settled<string> => (item === 2 ? { error: new Error('two') } : { value: `done ${item}` })),
    });
    const [one, two] = await Promise.allSettled([batcher.add(1), batcher.add(2)]);
    expect([one?.status, two?.status]).toEqual(['fulfilled', 'rejected']);
    expect((two as PromiseRejectedResult).reason.message).toBe('two');
  });

  test('a result that is missing is an error, not a promise that never ends', async () => {
    const batcher = createBatcher<number, string>({ run: async () => [] });
    await expect(batcher.add(1)).rejects.toThrow('A batch lost the result of an item.');
  });

  test('the batches after it go on', async () => {
    const batcher = createBatcher<number, string>({
      size: 1,
      async run(items) {
        if (items[0] === 1) throw new Error('first');
        return each(items);
      },
    });
    const [one, two] = await Promise.allSettled([batcher.add(1), batcher.add(2)]);
    expect([one?.status, two?.status]).toEqual(['rejected', 'fulfilled']);
  });
});

describe('keeping the thread free', () => {
  async function sizesWith(msOf: (count: number) => number, items: number): Promise<number[]> {
    let now = 0;
    const sizes: number[] = [];
    const batcher = createBatcher<number, string>({
      blockMs: 15,
      monotonic: () => now,
      async run(batch) {
        sizes.push(batch.length);
        now += msOf(batch.length);
        return each(batch);
      },
    });
    await Promise.all(range(1, items).map(batcher.add));
    return sizes;
  }

  test('a slow commit makes the next ones shorter', async () => {
    const sizes = await sizesWith((count) => count * 0.5, 400);
    expect(sizes.slice(0, 3)).toEqual([200, 30, 30]);
  });

  test('but not shorter than 10', async () => {
    const sizes = await sizesWith(() => 1000, 250);
    expect(sizes).toEqual([200, 10, 10, 10, 10, 10]);
  });

  test('fast commits make them longer, up to 500', async () => {
    const sizes = await sizesWith(() => 1, 4000);
    expect(sizes.slice(0, 6)).toEqual([200, 250, 313, 392, 490, 500]);
    expect(Math.max(...sizes)).toBe(500);
  });

  test('without a bound the size stays', async () => {
    const sizes: number[] = [];
    const batcher = createBatcher<number, string>({
      async run(items) {
        sizes.push(items.length);
        return each(items);
      },
    });
    await Promise.all(range(1, 600).map(batcher.add));
    expect(sizes).toEqual([200, 200, 200]);
  });
});

describe('idle', () => {
  test('is at once when nothing was added', async () => {
    await createBatcher<number, string>({ run: async (items) => each(items) }).idle();
  });

  test('waits for what was added, refused or not', async () => {
    const { batcher, release } = controlled({ size: 1 });
    const all = Promise.all([batcher.add(1), batcher.add(2)]);
    let idle = false;
    const waiting = batcher.idle().then(() => {
      idle = true;
    });
    await turns();
    await release();
    expect([idle, batcher.pending]).toEqual([false, 1]);
    await release();
    await waiting;
    expect(batcher.pending).toBe(0);
    await all;
  });
});
