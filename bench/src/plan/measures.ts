// What is promised of the engine, and beside whom. The names stay: they are looked up in results.json.
import type { cells } from './cells.ts';
import type { Figure, Measure, Mode } from './plan.ts';

type Name = keyof typeof cells;

const full: readonly Mode[] = ['full'];
const both: readonly Mode[] = ['full', 'quick'];

function ratio(
  name: string,
  [of, over]: readonly [Name, Name],
  says: string,
  bound: Pick<Measure, 'atLeast' | 'reachFor'>,
  modes: readonly Mode[] = full,
): Measure<Name> {
  return { name, says, of: { cell: of }, over: { cell: over }, unit: '×', ...bound, modes };
}

function single(
  name: string,
  of: Figure<Name>,
  says: string,
  bound: Pick<Measure, 'atLeast' | 'atMost' | 'reachFor' | 'unit' | 'modes'>,
): Measure<Name> {
  return { name, says, of, ...bound };
}

/** Beside a peer as its guide shows it; and, for information, beside the same peer at its fastest, all in batches. */
function besidePeer(
  name: string,
  [of, over, batched]: readonly [Name, Name, Name],
  says: string,
  bound: Pick<Measure, 'atLeast' | 'reachFor'>,
): Measure<Name>[] {
  return [
    ratio(name, [of, over], `${says}, as its guide shows it`, bound),
    ratio(`${name}-batched`, [of, batched], `${says}, in batches`, {}),
  ];
}

/** With a bound on PostgreSQL, where tables grow; and, for information, on SQLite. */
function onBoth(
  name: string,
  cell: 'rate at size' | 'due poll' | 'broadcast memory',
  figure: string,
  says: string,
  { unit, ...bound }: Pick<Measure, 'atLeast' | 'atMost' | 'reachFor' | 'unit'>,
): Measure<Name>[] {
  const modes: readonly Mode[] = ['growth'];
  return [
    single(name, { cell: `${cell} postgres`, figure }, `${says}, PostgreSQL`, { ...bound, unit, modes }),
    single(`${name}-sqlite`, { cell: `${cell} sqlite`, figure }, `${says}, SQLite`, { unit, modes }),
  ];
}

export const measures: readonly Measure<Name>[] = [
  ratio(
    'sqlite-50-of-ceiling',
    ['engine sqlite 50', 'ceiling sqlite'],
    'SQLite, 50 senders, beside what the file can take',
    { atLeast: 0.5, reachFor: 0.65 },
    both,
  ),
  ratio(
    'postgres-500-of-ceiling',
    ['engine postgres 500', 'ceiling postgres'],
    'PostgreSQL, 500 senders, beside what the server can take',
    { atLeast: 0.6, reachFor: 0.75 },
    both,
  ),
  ratio(
    'mariadb-500-of-ceiling',
    ['engine mariadb 500', 'ceiling mariadb'],
    'MariaDB, 500 senders, beside what the server can take',
    { atLeast: 0.5, reachFor: 0.65 },
  ),
  ...besidePeer(
    'postgres-50-over-hand-rolled',
    ['engine postgres 50', 'hand-rolled 50', 'hand-rolled 50 batched'],
    'PostgreSQL, 50 senders, beside the same work by hand on BullMQ and PostgreSQL',
    { atLeast: 10, reachFor: 15 },
  ),
  ...besidePeer(
    'sqlite-50-over-hand-rolled',
    ['engine sqlite 50', 'hand-rolled 50', 'hand-rolled 50 batched'],
    'SQLite, 50 senders, beside the same work by hand on BullMQ and PostgreSQL',
    { atLeast: 18, reachFor: 30 },
  ),
  ...besidePeer(
    'sqlite-over-bullmq',
    ['engine sqlite 50', 'bullmq 50', 'bullmq 50 batched'],
    'SQLite, 50 senders, beside bare BullMQ',
    { atLeast: 1.2, reachFor: 2 },
  ),
  ...besidePeer(
    'postgres-500-over-bullmq',
    ['engine postgres 500', 'bullmq 500', 'bullmq 500 batched'],
    'PostgreSQL, 500 senders, beside bare BullMQ',
    { atLeast: 1.3, reachFor: 2 },
  ),
  ...besidePeer(
    'postgres-500-over-pg-boss',
    ['engine postgres 500', 'pg-boss 500', 'pg-boss 500 batched'],
    'PostgreSQL, 500 senders, beside bare pg-boss',
    { atLeast: 6, reachFor: 10 },
  ),
  ...besidePeer(
    'postgres-500-over-graphile-worker',
    ['engine postgres 500', 'graphile-worker 500', 'graphile-worker 500 batched'],
    'PostgreSQL, 500 senders, beside bare Graphile Worker',
    {},
  ),
  ratio(
    'memory-over-notifme',
    ['engine memory 50', 'notifme 50'],
    'In memory, 50 senders, beside notifme-sdk, which keeps nothing',
    { atLeast: 0.5, reachFor: 1 },
  ),
  single(
    'sqlite-send-alone',
    { cell: 'send alone sqlite', figure: 'ratio' },
    'One send() beside its rows by hand, SQLite',
    {
      atMost: 1.6,
      reachFor: 1.3,
      unit: '×',
      modes: both,
    },
  ),
  single(
    'postgres-send-alone',
    { cell: 'send alone postgres', figure: 'ratio' },
    'One send() beside its rows by hand, PostgreSQL',
    { atMost: 1.6, reachFor: 1.3, unit: '×', modes: both },
  ),
  single(
    'block-at-50-senders',
    { cell: 'engine sqlite 50', figure: 'blockMs' },
    'Longest the event loop stood still, SQLite, 50 senders',
    { atMost: 50, reachFor: 20, unit: 'ms', modes: both },
  ),
  single('core-import', { cell: 'import core', figure: 'importMs' }, 'Importing the core in a fresh process', {
    atMost: 60,
    reachFor: 30,
    unit: 'ms',
    modes: full,
  }),
  ...onBoth('rate-at-10m', 'rate at size', 'ratio', 'Rate with 10 million messages stored beside that with few', {
    atLeast: 0.9,
    reachFor: 0.97,
    unit: '×',
  }),
  ...onBoth('due-poll-1m', 'due poll', 'pollRatio', 'One look for due messages while a million wait, beside none', {
    atMost: 1.5,
    reachFor: 1.1,
    unit: '×',
  }),
  ...onBoth('broadcast-1m-rss', 'broadcast memory', 'growth', 'Memory that a broadcast to a million adds', {
    atMost: 100,
    reachFor: 50,
    unit: 'MB',
  }),
  single(
    'soak-heap-growth',
    { cell: 'soak', figure: 'heapGrowthPercent' },
    'Growth of the heap from the second quarter of a long run to its last',
    { atMost: 10, unit: '%', modes: ['soak'] },
  ),
];
