import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { chooseRows } from '../src/rig/choose-rows.ts';
import { mergeResults } from '../src/rig/merge-results.ts';
import { readOptions } from '../src/rig/read-options.ts';
import type { CellResult, MeasureResult, Results } from '../src/rig/results.ts';
import { readResults, writeResults } from '../src/rig/results-file.ts';
import { runRounds } from '../src/rig/run-rounds.ts';
import { showProgress } from '../src/rig/show-progress.ts';
import { readSample, reasonIn, startCase } from '../src/rig/start-case.ts';
import { stubs } from './plan.ts';

const none = { minutes: null, only: null };
const servers = new Set(['redis']);

describe('the command line', () => {
  it('names a mode, and what goes with it', () => {
    expect(readOptions([])).toMatchObject({ mode: 'full', rounds: 3, docs: false, only: null });
    expect(readOptions(['--quick', '--docs', '--rounds', '1'])).toMatchObject({ mode: 'quick', rounds: 1, docs: true });
    expect(readOptions(['--soak', '--minutes', '0.5'])).toMatchObject({ mode: 'soak', minutes: 0.5 });
    expect(readOptions(['--only=sqlite'])).toMatchObject({ mode: 'full', only: 'sqlite' });
    expect(readOptions(['--docs'])).toMatchObject({ mode: null, docs: true });
  });

  it.each([
    [['--qick'], '--qick'],
    [['quick'], 'quick'],
    [['--quick', '--soak'], '--quick and --soak cannot stand together'],
    [['--minutes', '5'], '--minutes goes with --soak alone'],
    [['--rounds', 'many'], '--rounds is "many"'],
    [['--rounds', '0'], '--rounds is "0"'],
    [['--soak', '--minutes', '0'], '--minutes is "0"'],
    [['--only', ''], '--only is empty'],
  ])('refuses %j', (args, message) => {
    expect(() => readOptions(args)).toThrow(message);
  });
});

describe('the rows of a run', () => {
  it('are those of its mode, as it sets them', () => {
    const chosen = chooseRows(stubs, { mode: 'quick', servers, ...none });
    expect(chosen.cells).toMatchObject({ fast: { setting: { count: 5 } } });
    expect(Object.keys(chosen.cells)).toEqual(['fast']);
    expect(chosen.measures.map(({ name }) => name)).toEqual(['fast-block']);
    expect(chooseRows(stubs, { mode: 'soak', servers, only: null, minutes: 2 }).cells.long?.setting.minutes).toBe(2);
  });

  it('leave out what needs a server that does not answer, and say so', () => {
    const chosen = chooseRows(stubs, { mode: 'full', servers: new Set(), ...none });
    expect(chosen.leftOut).toEqual([{ name: 'slow', without: ['redis'] }]);
    expect(chosen.measures.map(({ name }) => name)).toEqual(['fast-block']);
  });

  it('are chosen by a part of their name; a measure brings its cells', () => {
    const named = (only: string) => chooseRows(stubs, { mode: 'full', servers, only, minutes: null });
    expect(Object.keys(named('slo').cells)).toEqual(['fast', 'slow']);
    expect(Object.keys(named('block').cells)).toEqual(['fast']);
    expect(() => named('nothing')).toThrow(/--only is "nothing".*fast-over-slow/s);
  });
});

describe('rounds', () => {
  const at = { cpu: 1, fsync: 1 };
  const quiet = showProgress(() => {});
  const chosen = chooseRows(stubs, { mode: 'full', servers, ...none }).cells;

  it('take turns, with a calibration around each', async () => {
    const order: string[] = [];
    const ran = await runRounds(chosen, {
      rounds: 2,
      budgetSeconds: null,
      progress: quiet,
      calibrate: () => {
        order.push('calibrate');
        return at;
      },
      start: async (cell) => ({ rate: order.push(cell.needs.length > 0 ? 'slow' : 'fast') }),
    });
    expect(order).toEqual(['calibrate', 'fast', 'slow', 'calibrate', 'fast', 'slow', 'calibrate']);
    expect(ran.samples.get('fast')).toEqual(
      new Map([
        [0, { rate: 2 }],
        [1, { rate: 5 }],
      ]),
    );
    expect(ran).toMatchObject({ rounds: 2, cut: false });
  });

  it('go on without a cell that failed', async () => {
    const lines: string[] = [];
    const ran = await runRounds(chosen, {
      rounds: 2,
      budgetSeconds: null,
      progress: showProgress((text) => lines.push(text)),
      calibrate: () => at,
      start: async (cell) => {
        if (cell.needs.length > 0) throw new Error('it broke');
        return { rate: 1234 };
      },
    });
    expect(ran.failures).toEqual(new Map([['slow', 'it broke']]));
    expect(ran.samples.get('fast')?.size).toBe(2);
    expect(lines.join('')).toMatch(
      /round 1\/2 +1\/2 +fast +1,234 msg\/s .*left\n.*2\/2 +slow +FAILED: it broke\n.*1\/1/s,
    );
  });

  it('are fewer when there is no time for more, and one at least', async () => {
    let clock = 0;
    const slow = { progress: quiet, calibrate: () => at, now: () => clock };
    const start = async () => {
      clock += 30;
      return { rate: clock };
    };
    expect(await runRounds(chosen, { ...slow, rounds: 3, budgetSeconds: 130, start })).toMatchObject({
      rounds: 2,
      cut: true,
    });
    expect(await runRounds(chosen, { ...slow, rounds: 3, budgetSeconds: 1, start })).toMatchObject({ rounds: 1 });
  });
});

describe('a case', () => {
  it('says what it measured in its last line', () => {
    expect(readSample('warm\n\n{"rate":3}\n')).toEqual({ rate: 3 });
    expect(() => readSample('done\n')).toThrow('its last line is no sample: done');
    expect(() => readSample('{"rate":"3"}')).toThrow('has no numbers');
  });

  it('has a process of its own, with what its cell asks for', async () => {
    const stub = { module: '../test/stub-case.ts', setting: { count: 7 }, needs: [], modes: ['full' as const] };
    expect(await startCase({ ...stub, gc: true })).toEqual({ rate: 7, gc: 1, source: 1 });
    expect(await startCase(stub)).toMatchObject({ gc: 0 });
    const failing = { ...stub, setting: { count: 7, fails: true } };
    await expect(startCase(failing)).rejects.toThrow('the stub was told to fail');
  });

  it('that fails is known by its error', async () => {
    expect(reasonIn('file:///a.ts:3\n  throw x\n\nTypeError: x is bad\n    at a.ts:3\n\nNode.js v24\n')).toBe(
      'TypeError: x is bad',
    );
    const missing = { module: 'no-such-case.ts', setting: {}, needs: [], modes: ['full' as const] };
    await expect(startCase(missing)).rejects.toThrow(/Cannot find module.*no-such-case/);
  });
});

describe('results', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bench-results-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const machine = { cpus: 2, model: 'M', memory: 8, node: '24.0.0', databases: { sqlite: '3' } };
  const known = results({ a: 1, b: 2 }, { databases: { sqlite: '3', redis: '7' } });

  function results(values: Record<string, number>, more: Partial<Results['machine']> = {}): Results {
    const entries = Object.entries(values);
    return {
      date: '2026-01-01',
      machine: { ...machine, ...more },
      measures: Object.fromEntries(entries.map(([name, value]) => [name, { value } as MeasureResult])),
      cells: Object.fromEntries(entries.map(([name, median]) => [name, { median } as CellResult])),
      calibration: {},
    };
  }

  it('of a run replace what it measured again', () => {
    const merged = mergeResults(known, { ...results({ b: 3 }), date: '2026-01-02', calibration: { quick: [] } });
    expect(merged).toMatchObject({ date: '2026-01-02', measures: { a: { value: 1 }, b: { value: 3 } } });
    expect(merged.cells).toMatchObject({ a: { median: 1 }, b: { median: 3 } });
    expect(merged.machine.databases).toEqual({ sqlite: '3', redis: '7' });
    expect(merged.calibration).toEqual({ quick: [] });
  });

  it('of another machine do not stay', () => {
    expect(Object.keys(mergeResults(known, results({ b: 3 }, { cpus: 8 })).measures)).toEqual(['b']);
    expect(mergeResults(null, known)).toBe(known);
  });

  it('are written whole', () => {
    const path = join(folder, 'results.json');
    expect(readResults(path)).toBeNull();
    writeResults(known, path);
    expect(readResults(path)).toEqual(known);
    expect(readdirSync(folder)).toEqual(['results.json']);
  });
});
