import { describe, expect, it } from 'vitest';
import { drift, driftedRounds } from '../src/rig/drift.ts';
import { judgeMeasures, type Measured } from '../src/rig/judge-measures.ts';
import { median, spreadOf } from '../src/rig/median.ts';
import type { Sample } from '../src/rig/sample.ts';
import { summarizeCells } from '../src/rig/summarize-cells.ts';
import { stubs } from './plan.ts';

function measured(samples: Record<string, Sample[]>, more: Partial<Measured> = {}): Measured {
  return {
    mode: 'full',
    date: '2026-01-02T03:04:05.000Z',
    samples: new Map(Object.entries(samples).map(([name, each]) => [name, new Map(each.entries())])),
    failures: new Map(),
    drifted: new Set(),
    ...more,
  };
}

describe('median', () => {
  it('is the middle one, or the mean of the two in the middle, whatever the order', () => {
    expect(median([30, 1, 2])).toBe(2);
    expect(median([10, 1, 3, 2])).toBe(2.5);
    expect(median([7])).toBe(7);
    expect(median([])).toBeNaN();
  });

  it('comes with the lowest and the highest', () => {
    expect(spreadOf([30, 1, 2])).toEqual({ median: 2, min: 1, max: 30 });
  });
});

describe('drift', () => {
  const at = (cpu: number, fsync: number) => ({ cpu, fsync });

  it('is the larger of CPU and disk, whichever way the machine went', () => {
    expect(drift(at(100, 100), at(110, 130))).toBeCloseTo(0.3);
    expect(drift(at(110, 130), at(100, 100))).toBeCloseTo(0.3);
    expect(drift(at(200, 100), at(100, 100))).toBeCloseTo(1);
  });

  it('marks the rounds between calibrations that are more than a quarter apart', () => {
    expect([...driftedRounds([at(100, 100), at(124, 100), at(100, 70), at(100, 71)])]).toEqual([1]);
    expect([...driftedRounds([at(100, 100)])]).toEqual([]);
  });
});

describe('a measure', () => {
  it('is the median of the ratios within the rounds, not the ratio of the medians', () => {
    const found = judgeMeasures(
      stubs.measures,
      measured({ fast: [{ rate: 10 }, { rate: 60 }, { rate: 20 }], slow: [{ rate: 10 }, { rate: 20 }, { rate: 5 }] }),
    );
    expect(found['fast-over-slow']).toMatchObject({ value: 3, rounds: [1, 3, 4], met: true, atLeast: 2, reachFor: 3 });
  });

  it('leaves out rounds in which one of its cells did not run', () => {
    const found = judgeMeasures(stubs.measures, measured({ fast: [{ rate: 10 }, { rate: 60 }], slow: [{ rate: 10 }] }));
    expect(found['fast-over-slow']).toMatchObject({ value: 1, met: false, rounds: [1] });
  });

  it('meets a lower bound from it on, an upper one up to it', () => {
    const judge = (rate: number, blockMs: number) =>
      judgeMeasures(stubs.measures, measured({ fast: [{ rate, blockMs }], slow: [{ rate: 10 }] }));
    expect(judge(20, 50)).toMatchObject({ 'fast-over-slow': { met: true }, 'fast-block': { met: true } });
    expect(judge(19.9, 50.1)).toMatchObject({ 'fast-over-slow': { met: false }, 'fast-block': { met: false } });
    expect(judge(20, 50)['fast-block']).toMatchObject({ value: 50, atLeast: null, atMost: 50, unit: 'ms' });
  });

  it('without a bound is met and says that it only informs', () => {
    const found = judgeMeasures(stubs.measures, measured({ fast: [{ rate: 1 }], slow: [{ rate: 10 }] }));
    expect(found['fast-over-slow-batched']).toMatchObject({ value: 0.1, atLeast: null, met: true, informative: true });
    expect(found['fast-over-slow']).not.toHaveProperty('informative');
  });

  it('is absent and not met when a cell failed, or did not have the figure', () => {
    const failures = new Map([['slow', 'no such table']]);
    const samples = { fast: [{ rate: 90 }], slow: [{ rate: 10 }] };
    const found = judgeMeasures(stubs.measures, measured(samples, { failures }));
    expect(found['fast-over-slow']).toMatchObject({ value: null, met: false, why: 'slow: no such table' });
    expect(found['fast-over-slow-batched']).toMatchObject({ value: null, met: false });
    expect(found['fast-block']).toMatchObject({ value: null, met: false, why: 'no round has blockMs of fast' });
  });

  it('is marked when the machine drifted in one of its rounds', () => {
    const samples = { fast: [{ rate: 20, blockMs: 1 }, { rate: 20 }], slow: [{ rate: 10 }, { rate: 10 }] };
    const found = judgeMeasures(stubs.measures, measured(samples, { drifted: new Set([1]) }));
    expect(found).toMatchObject({ 'fast-over-slow': { drifted: true }, 'fast-block': { drifted: false } });
  });
});

describe('a cell', () => {
  it('has the spread of its figure and of every other', () => {
    const found = summarizeCells(
      stubs.cells,
      measured({
        fast: [
          { rate: 4, p50Ms: 1 },
          { rate: 2, p50Ms: 3 },
        ],
      }),
    );
    expect(found.fast).toMatchObject({
      median: 3,
      min: 2,
      max: 4,
      rounds: 2,
      unit: 'msg/s',
      figures: { rate: { median: 3 }, p50Ms: { median: 2, min: 1, max: 3 } },
    });
  });

  it('that failed says why', () => {
    const found = summarizeCells(stubs.cells, measured({}, { failures: new Map([['fast', 'refused']]) }));
    expect(found.fast).toMatchObject({ error: 'refused', rounds: 0, figures: {} });
    expect(found.fast).not.toHaveProperty('median');
  });
});
