import { describe, expect, test } from 'vitest';
import type { Outcome } from '../spec/index.ts';
import { admits, afterCall, type Circuit, type CircuitSettings, closedCircuit, type Sign, signOf } from './circuit.ts';

const settings: CircuitSettings = { failures: 3, openMs: 30_000 };
const open = (until: number, openMs = 30_000): Circuit => ({ state: 'open', until, openMs });
const closed = (failures: number): Circuit => ({ state: 'closed', failures });

test.each<[Outcome, Sign]>([
  [{ outcome: 'accepted' }, 'works'],
  [{ outcome: 'rejected', reason: 'no' }, 'works'],
  [{ outcome: 'badAddress', reason: 'gone' }, 'works'],
  [{ outcome: 'retry', reason: '503' }, 'fails'],
  [{ outcome: 'retry', reason: '503', afterMs: 5000 }, 'fails'],
  [{ outcome: 'retry', reason: '429', lane: { pauseMs: 1000 } }, 'nothing'],
  [{ outcome: 'misconfigured', reason: 'key' }, 'fails'],
  [{ outcome: 'unknown', reason: 'late' }, 'fails'],
])('%j says that the provider: %s', (outcome, sign) => {
  expect(signOf(outcome)).toBe(sign);
});

// Every state × every sign × whether the call was the probe.
describe('a circuit', () => {
  test.each<[string, Circuit, Sign, boolean, Circuit]>([
    ['closed', closed(0), 'works', false, closedCircuit],
    ['closed', closed(0), 'fails', false, closed(1)],
    ['closed', closed(1), 'fails', false, closed(2)],
    ['closed', closed(1), 'nothing', false, closed(1)],
    ['closed, streak ends', closed(2), 'works', false, closedCircuit],
    ['closed, streak is full', closed(2), 'fails', false, open(130_000)],
    ['closed, streak goes on', closed(2), 'nothing', false, closed(2)],
    ['closed while the probe ran', closed(0), 'works', true, closedCircuit],
    ['closed while the probe ran', closed(0), 'fails', true, closed(1)],
    ['closed while the probe ran', closed(0), 'nothing', true, closed(0)],
    ['open, an older call', open(90_000), 'works', false, closedCircuit],
    ['open, an older call', open(90_000), 'fails', false, open(90_000)],
    ['open, an older call', open(90_000), 'nothing', false, open(90_000)],
    ['open, the probe', open(90_000), 'works', true, closedCircuit],
    ['open, the probe', open(90_000), 'fails', true, open(160_000, 60_000)],
    ['open, the probe', open(90_000), 'nothing', true, open(130_000)],
    ['open for long, the probe', open(90_000, 240_000), 'fails', true, open(400_000, 300_000)],
    ['open for longest, the probe', open(90_000, 300_000), 'fails', true, open(400_000, 300_000)],
  ])('%s: %j, %s (probe: %s)', (_, before, sign, probe, after) => {
    expect(afterCall(before, sign, { probe, now: 100_000 }, settings)).toEqual(after);
  });

  test('that is set to stay open for longer than five minutes stays as it is set', () => {
    const long = { failures: 1, openMs: 600_000 };
    const first = afterCall(closedCircuit, 'fails', { probe: false, now: 0 }, long);
    expect(afterCall(first, 'fails', { probe: true, now: 600_000 }, long)).toEqual(open(1_200_000, 600_000));
  });

  test.each<[Circuit, number, ReturnType<typeof admits>]>([
    [closed(2), 0, 'all'],
    [open(30_000), 29_999, 'none'],
    [open(30_000), 30_000, 'probe'],
  ])('%j admits at %i: %s', (circuit, now, admitted) => {
    expect(admits(circuit, now)).toBe(admitted);
  });
});
