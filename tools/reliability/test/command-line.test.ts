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
  expect(err).toContain("'--sede'");
  expect(err).toContain(programs[name].usage);
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
  [['--seed', '-1'], 'seed'],
  [['--every', '0'], '--every is "0"; it must be a whole number from 1.'],
  [['--operation', '3'], '--operation and --mode need each other.'],
  [['--mode', 'crash-after'], '--operation and --mode need each other.'],
  [['--operation', '3', '--mode', 'crash-after'], '--operation needs --scenario.'],
  [['--runs', '5'], '--runs needs --schedules.'],
  [['--schedules', '--scenario', 'single-send'], '--scenario means nothing with --schedules.'],
])('the simulation refuses %j', (args, message) => {
  expect(() => readSimulationOptions(args)).toThrow(message);
});
