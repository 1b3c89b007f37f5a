import { expect, it } from 'vitest';
import type { WakeUp } from '../spec/index.ts';
import { readWakeUpJob, wakeUpJobs } from './wake-up-job.ts';

const ids = (count: number): string[] => Array.from({ length: count }, (_, n) => `${n}`);
const wakeUp = (given: Partial<WakeUp>): WakeUp => ({ lane: 'ses', priority: 1, scope: 1, ids: [], ...given });

it('puts what is most urgent first, and a thousand ids into a job at most', () => {
  const jobs = wakeUpJobs([
    wakeUp({ priority: 2, ids: ids(600) }),
    wakeUp({ ids: ids(600) }),
    wakeUp({ lane: 'twilio', ids: ids(600) }),
    wakeUp({ priority: 0, ids: ids(1) }),
    wakeUp({ scope: 2, ids: ids(400) }),
  ]);
  const shape = jobs.map(({ priority, wakeUps }) => [priority, ...wakeUps.map(([, , all]) => all.length)]);
  expect(shape).toEqual([
    [0, 1],
    [1, 600],
    [1, 600, 400],
    [2, 600],
  ]);
});

it('reads what it wrote, as JSON', () => {
  const wakeUps = [wakeUp({ ids: ids(2) }), wakeUp({ lane: 'twilio', scope: 7 })];
  expect(wakeUpJobs(wakeUps).flatMap((job) => readWakeUpJob(JSON.parse(JSON.stringify(job))))).toEqual(wakeUps);
});

it.for<[string, unknown]>([
  ['nothing', undefined],
  ['null', null],
  ['a text', 'wake up'],
  ['another version', { v: 2, priority: 1, wakeUps: [] }],
  ['a strange priority', { v: 1, priority: 3, wakeUps: [] }],
  ['no list', { v: 1, priority: 1, wakeUps: {} }],
  ['a strange wake-up', { v: 1, priority: 1, wakeUps: ['ses'] }],
  ['a strange lane', { v: 1, priority: 1, wakeUps: [[1, 1, []]] }],
  ['a strange scope', { v: 1, priority: 1, wakeUps: [['ses', '1', []]] }],
  ['strange ids', { v: 1, priority: 1, wakeUps: [['ses', 1, [1]]] }],
])('does not read %s', ([, data]) => {
  expect(readWakeUpJob(data)).toBeUndefined();
});
