import { describe, expect, it } from 'vitest';
import { cells } from '../src/plan/cells.ts';
import { chart } from '../src/plan/chart.ts';
import { measures } from '../src/plan/measures.ts';
import type { Cell } from '../src/plan/plan.ts';
import { describeAsPage } from '../src/rig/describe-as-page.ts';
import { describeResults } from '../src/rig/describe-results.ts';
import { drawBars } from '../src/rig/draw-bars.ts';
import { formatFigure } from '../src/rig/format-figure.ts';
import type { Results } from '../src/rig/results.ts';

const all: Readonly<Record<string, Cell>> = cells;

describe('the plan', () => {
  it('has every promise under its name', () => {
    const bounds = measures.flatMap(({ name, atLeast, atMost, reachFor }) =>
      atLeast === undefined && atMost === undefined
        ? []
        : [`${name} ${atLeast ?? `-${atMost}`} ${reachFor ?? ''}`.trim()],
    );
    expect(bounds).toEqual([
      'sqlite-50-of-ceiling 0.5 0.65',
      'postgres-500-of-ceiling 0.6 0.75',
      'mariadb-500-of-ceiling 0.5 0.65',
      'postgres-50-over-hand-rolled 10 15',
      'sqlite-50-over-hand-rolled 18 30',
      'sqlite-over-bullmq 1.2 2',
      'postgres-500-over-bullmq 1.3 2',
      'postgres-500-over-pg-boss 6 10',
      'memory-over-notifme 0.5 1',
      'sqlite-send-alone -1.6 1.3',
      'postgres-send-alone -1.6 1.3',
      'block-at-50-senders -50 20',
      'core-import -60 30',
      'rate-at-10m 0.9 0.97',
      'due-poll-1m -1.5 1.1',
      'broadcast-1m-rss -100 50',
      'soak-heap-growth -10',
    ]);
    expect(new Set(measures.map(({ name }) => name)).size).toBe(measures.length);
  });

  it('measures nothing in a mode in which a cell of it does not run', () => {
    const wrong = measures.flatMap(({ name, of, over, modes }) =>
      [of, ...(over ? [over] : [])].flatMap(({ cell }) =>
        modes.filter((mode) => !all[cell]?.modes.includes(mode)).map((mode) => `${name}: ${cell} in ${mode}`),
      ),
    );
    expect(wrong).toEqual([]);
  });
});

const figure = (median: number) => ({
  median,
  min: median / 2,
  max: median * 2,
  figure: 'rate',
  unit: 'msg/s',
  figures: { rate: { median, min: 1, max: 2 }, p99Ms: { median: 4, min: 3, max: 5 } },
  rounds: 3,
  mode: 'full' as const,
  drifted: false,
  date: '2026-01-02',
});
const judged = { says: 'in words', unit: '×', mode: 'full' as const, drifted: false, rounds: [], date: '2026-01-02' };
const results: Results = {
  date: '2026-01-02T03:04:05.000Z',
  machine: { cpus: 2, model: 'Some CPU', memory: 8, node: '24.1.0', databases: { sqlite: '3.53' } },
  measures: {
    good: { ...judged, value: 0.543, atLeast: 0.5, reachFor: 0.65, met: true },
    bad: { ...judged, value: 70, atLeast: null, atMost: 60, met: false, unit: 'ms', drifted: true },
    gone: { ...judged, value: null, atLeast: 1, met: false, why: 'a|b' },
    told: { ...judged, value: 3, atLeast: null, met: true, informative: true },
  },
  cells: {
    'ceiling sqlite': figure(20_000),
    'engine sqlite 50': figure(10_000),
    broken: { ...figure(1), error: 'it broke', drifted: true },
  },
  calibration: {},
};

describe('what is told', () => {
  it('names what is not met, and what failed', () => {
    const text = describeResults(results).join('\n');
    expect(text).toContain('Not met: bad, gone');
    expect(text).toContain('Failed: broken: it broke');
    expect(text).toMatch(/^met +good +0\.54 × +at least 0\.5 ×, reach for 0\.65$/m);
    expect(text).toMatch(/^NOT MET +bad +70 ms +at most 60 ms +drifted$/m);
    expect(text).toMatch(/^absent +gone +– /m);
  });

  it('is rounded to what counts', () => {
    expect(formatFigure(10128.7, 'msg/s')).toBe('10,129 msg/s');
    expect(formatFigure(0.5432, '×')).toBe('0.54 ×');
    expect(formatFigure(undefined, 'ms')).toBe('–');
  });

  it('has a page with both tables', () => {
    const page = describeAsPage(results);
    expect(page).toContain('2 × Some CPU, 8 GB, Node 24.1.0, sqlite 3.53');
    expect(page).toContain('| `bad` | in words | 70 ms | at most 60 ms | NOT MET, *drifted* |');
    expect(page).toContain('| engine sqlite 50 | 10,000 msg/s | 5,000 – 20,000 | p99Ms 4 |  |');
    expect(page).toMatch(/^<!-- Made by/);
  });
});

describe('the chart', () => {
  const svg = drawBars(chart, results.cells);

  it('has a bar for each rate, as long as the rate, and none for what was not measured', () => {
    const widths = [...svg.matchAll(/class="(engine|ceiling|peer)" .*?width="([\d.]+)"/g)].map(
      ([, kind, width]) => [kind, Number(width)] as const,
    );
    expect(widths.map(([kind]) => kind)).toEqual(['ceiling', 'engine']);
    expect((widths[0]?.[1] ?? 0) / (widths[1]?.[1] ?? 1)).toBeCloseTo(2);
    expect(svg).toContain('H640.0"'); // the fastest round ends where the room for its number begins
    expect(svg).not.toContain('MariaDB');
    expect(svg).not.toMatch(/NaN|undefined/);
  });

  it('is readable in light and dark, on ground of its own', () => {
    expect(svg).toContain('prefers-color-scheme: dark');
    expect(svg).toMatch(/<rect class="ground" width="760" height="\d+"\/>/);
  });

  it('writes names as text', () => {
    const group = { title: 'a < b & c', bars: [{ cell: 'x', label: '<x>', kind: 'peer' as const }] };
    expect(drawBars([group], { x: { median: 1 } })).toContain('a &lt; b &amp; c');
  });
});
