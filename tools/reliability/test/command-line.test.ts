import { expect, test, vi } from 'vitest';
import { chaosUsage, readChaosOptions } from '../src/chaos/chaos-options.ts';
import { readSimulationOptions, simulationUsage } from '../src/simulation/simulation-options.ts';
import { runMain } from './run-main.ts';

// programs of their own, on a machine that may be busy
vi.setConfig({ testTimeout: 60_000 });

const programs = {
  simulation: { usage: simulationUsage, read: readSimulationOptions },
  chaos: { usage: chaosUsage, read: readChaosOptions },
} as const;
const names = Object.keys(programs) as (keyof typeof programs)[];

test.each(names)('%s shows its usage and runs nothing', async (name) => {
  expect(await runMain(name, '--help')).toEqual({ code: 0, out: `${programs[name].usage}\n`, err: '' });
});

test.each(names)('%s refuses what it does not know with 2', async (name) => {
  const { code, out, err } = await runMain(name, '--sede', '7');
  expect({ code, out }).toEqual({ code: 2, out: '' });
  // what was wrong stands last, where it is not scrolled away
  expect(err.startsWith(`${programs[name].usage}\n\n`)).toBe(true);
  expect(err.slice(programs[name].usage.length)).toContain("'--sede'");
});

test.each(names)('the usage of %s names every option', (name) => {
  const shown = [...programs[name].usage.matchAll(/^ {2}--(\S+)/gm)].map(([, option]) => option);
  for (const option of shown) {
    // known options ask for their value, or for others beside them
    const refused = () => programs[name].read([`--${option}`]);
    if (!['keep', 'schedules'].includes(option ?? '')) expect(refused).toThrow(/argument missing/);
  }
});

test.each<[readonly string[], string]>([
  [['--scenario', 'nothing'], '--scenario is "nothing"; it may be single-send,'],
  [['--store', 'redis'], '--store is "redis"'],
  [['--seed', '-1'], '--seed is "-1"; it must be a whole number from 0.'],
  [['--every', '0'], '--every is "0"; it must be a whole number from 1.'],
  [['--operation', '3'], '--operation and --mode need each other.'],
  [['--mode', 'crash-after'], '--operation and --mode need each other.'],
  [['--operation', '3', '--mode', 'crash-after'], '--operation needs --scenario.'],
  [['--runs', '5'], '--runs needs --schedules.'],
  [['--schedules', '--scenario', 'single-send'], '--scenario means nothing with --schedules.'],
])('the simulation refuses %j', (args, message) => {
  expect(() => readSimulationOptions(args)).toThrow(message);
});

test.each<[readonly string[], string]>([
  [['--messages', '-5'], '--messages is "-5"; it must be a number from 1.'],
  [['--kills', '-1', '--messages', '5'], '--kills is "-1"; it must be a number from 0.'],
  [['--seed', 'x'], '--seed is "x"; it must be a number from 0.'],
])('the chaos refuses %j', (args, message) => {
  expect(() => readChaosOptions(args)).toThrow(message);
});
