import { databases, effort } from '@tidings/testing';
import { describe, expect, test } from 'vitest';
import { readChaosOptions } from '../src/chaos/chaos-options.ts';
import { describeResult } from '../src/chaos/describe-result.ts';
import { type ChaosResult, runChaos } from '../src/chaos/run-chaos.ts';

// Real processes, killed with SIGKILL; what is random in them comes from these seeds.
const timeout = 600_000;

interface Size {
  readonly kills: number;
  readonly messages: number;
}

/** How large a run of a pair is. Left out: not at this effort. */
const sizes: Readonly<Record<'quick' | 'ci' | 'verify', Readonly<Record<string, Size>>>> = {
  quick: { 'sqlite × in-process': { kills: 2, messages: 200 } },
  ci: {
    'sqlite × in-process': { kills: 10, messages: 600 },
    'postgres × in-process': { kills: 10, messages: 600 },
    'mariadb × in-process': { kills: 10, messages: 600 },
  },
  verify: {
    'sqlite × in-process': { kills: 100, messages: 10_000 },
    'postgres × in-process': { kills: 100, messages: 10_000 },
    'postgres × bullmq': { kills: 20, messages: 2000 },
    'postgres × pg-boss': { kills: 20, messages: 2000 },
    'mariadb × in-process': { kills: 20, messages: 2000 },
    'mariadb × bullmq': { kills: 20, messages: 2000 },
  },
};
const level = (['quick', 'ci', 'verify'] as const)[effort({ quick: 0, ci: 1, verify: 2 })] ?? 'quick';
const here = databases(['sqlite', 'postgres', 'mariadb', 'redis']) as readonly string[];

async function run(...args: readonly string[]): Promise<{ result: ChaosResult; says: string }> {
  const options = readChaosOptions(args);
  const result = await runChaos(options);
  const lines = describeResult(options, result);
  console.log(lines.at(-1));
  return { result, says: lines.join('\n') };
}

describe('workers killed while they work', () => {
  for (const [pair, { kills, messages }] of Object.entries(sizes[level])) {
    const [store = '', queue = ''] = pair.split(' × ');
    const needed = queue === 'bullmq' ? [store, 'redis'] : [store];
    test.skipIf(!needed.every((name) => here.includes(name)))(
      `${pair}: ${kills} kills, ${messages} messages, nothing lost`,
      { timeout },
      async () => {
        const { result, says } = await run(
          ...['--store', store, '--queue', queue, '--kills', `${kills}`, '--messages', `${messages}`, '--seed', '11'],
        );
        expect(result.violations, says).toEqual([]);
        expect(result.kills).toBeGreaterThanOrEqual(kills);
        expect(result.notifications).toBe(messages);
        expect(result.duplicates).toBeLessThanOrEqual(result.bound);
      },
    );
  }

  test('with `hold` nothing goes out twice', { timeout }, async () => {
    const kills = `${effort({ quick: 2, ci: 3, verify: 20 })}`;
    const { result, says } = await run('--unknown', 'hold', '--kills', kills, '--messages', '400', '--seed', '12');
    expect(result.violations, says).toEqual([]);
    expect(result.duplicates).toBe(0);
  });
});

describe('a bug on purpose is found', () => {
  const few = ['--kills', '2', '--messages', '300', '--seed', '13'];
  const plants: readonly [string, string, readonly string[]][] = [
    ['double-call', 'I3', few],
    ['no-idempotency', 'I5', few],
    ['forget-settle', 'I3', few],
    ['ack-before-commit', 'I1', ['--kills', '4', '--messages', '300', '--seed', '13']],
    ['ignore-lease', 'I3', few],
    ['no-fence', 'I8', ['--mode', 'stop-cont', '--kills', '2', '--messages', '300', '--seed', '13']],
    ['suppression-outside-claim', 'I4', ['--mode', 'provider', '--kills', '0', '--messages', '1000', '--seed', '13']],
  ];
  test.each(plants.slice(0, effort({ quick: 1, ci: 1, verify: plants.length })))(
    '%s breaks %s',
    { timeout },
    async (plant, invariant, args) => {
      const { result } = await run('--plant', plant, ...args);
      expect(result.violations.map((violation) => violation.invariant)).toContain(invariant);
    },
  );
});
