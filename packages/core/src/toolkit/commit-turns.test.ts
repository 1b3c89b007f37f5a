import { describe, expect, test } from 'vitest';
import { type CommitTurns, createCommitTurns } from './commit-turns.ts';
import { nextTurn } from './next-turn.ts';

/** Somebody with so many commits to make, each of which lasts until it is ended. */
function taker(turns: CommitTurns, name: string, log: string[], wanted: number): { ask(): void; end(): Promise<void> } {
  let left = wanted;
  const running: (() => void)[] = [];
  const ask = turns.join({
    wants: () => left > 0,
    begin() {
      left -= 1;
      log.push(name);
      return new Promise((resolve) => running.push(resolve));
    },
  });
  return {
    ask,
    async end() {
      running.shift()?.();
      await nextTurn();
      await nextTurn();
    },
  };
}

describe('commit turns', () => {
  test('go round, those that joined first coming first', async () => {
    const log: string[] = [];
    const turns = createCommitTurns(2);
    const settle = taker(turns, 'settle', log, 3);
    const accept = taker(turns, 'accept', log, 3);
    accept.ask();
    settle.ask();
    await nextTurn();
    expect(log).toEqual(['settle', 'accept']);
    await settle.end();
    await accept.end();
    expect(log).toEqual(['settle', 'accept', 'settle', 'accept']);
  });

  test('of several nobody takes the last one, whatever the others wait for', async () => {
    const log: string[] = [];
    const turns = createCommitTurns(4);
    const accept = taker(turns, 'accept', log, 9);
    const settle = taker(turns, 'settle', log, 1);
    accept.ask();
    await nextTurn();
    expect(log).toEqual(['accept', 'settle', 'accept', 'accept']);
    await settle.end();
    // three of four, and no more
    expect(log).toHaveLength(4);
  });

  test('each has one, even of a store that has one in flight', async () => {
    const log: string[] = [];
    const turns = createCommitTurns(1);
    const accept = taker(turns, 'accept', log, 2);
    const settle = taker(turns, 'settle', log, 2);
    accept.ask();
    settle.ask();
    await nextTurn();
    expect(log).toEqual(['accept', 'settle']);
    await settle.end();
    expect(log).toEqual(['accept', 'settle', 'settle']);
    await accept.end();
    expect(log).toEqual(['accept', 'settle', 'settle', 'accept']);
  });

  test('one alone has them all', async () => {
    const log: string[] = [];
    const turns = createCommitTurns(3);
    taker(turns, 'only', log, 5).ask();
    await nextTurn();
    expect(log).toHaveLength(3);
  });
});
