import type { Cell, Plan } from '../src/plan/plan.ts';

const cell = (more: Partial<Cell> = {}): Cell => ({
  module: 'stub.ts',
  setting: { count: 100 },
  needs: [],
  modes: ['full'],
  ...more,
});

/** A plan of stubs. */
export const stubs: Plan = {
  cells: {
    fast: cell({ modes: ['full', 'quick'], quick: { count: 5 } }),
    slow: cell({ needs: ['redis'] }),
    long: cell({ modes: ['soak'], setting: { minutes: 10 } }),
  },
  measures: [
    {
      name: 'fast-over-slow',
      says: 'one beside the other',
      of: { cell: 'fast' },
      over: { cell: 'slow' },
      unit: '×',
      atLeast: 2,
      reachFor: 3,
      modes: ['full'],
    },
    {
      name: 'fast-block',
      says: 'stands still',
      of: { cell: 'fast', figure: 'blockMs' },
      unit: 'ms',
      atMost: 50,
      modes: ['full', 'quick'],
    },
    {
      name: 'fast-over-slow-batched',
      says: 'informs',
      of: { cell: 'fast' },
      over: { cell: 'slow' },
      unit: '×',
      modes: ['full'],
    },
  ],
};
