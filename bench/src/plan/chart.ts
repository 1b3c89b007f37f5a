// The chart of docs/benchmarks.md: which rates stand together.
import type { cells } from './cells.ts';

/** Bars that are compared with each other. */
export interface BarGroup<Name extends string = string> {
  readonly title: string;
  readonly bars: readonly {
    readonly cell: Name;
    readonly label: string;
    readonly kind: 'engine' | 'ceiling' | 'peer';
  }[];
}

export const chart: readonly BarGroup<keyof typeof cells>[] = [
  {
    title: 'SQLite, 50 senders',
    bars: [
      { cell: 'ceiling sqlite', label: 'what the file can take', kind: 'ceiling' },
      { cell: 'engine sqlite 50', label: 'Tidings', kind: 'engine' },
    ],
  },
  {
    title: 'PostgreSQL, 500 senders',
    bars: [
      { cell: 'ceiling postgres', label: 'what the server can take', kind: 'ceiling' },
      { cell: 'engine postgres 500', label: 'Tidings', kind: 'engine' },
      { cell: 'pg-boss 500', label: 'pg-boss, as its guide', kind: 'peer' },
      { cell: 'pg-boss 500 batched', label: 'pg-boss, batched', kind: 'peer' },
      { cell: 'graphile-worker 500', label: 'Graphile Worker, as its guide', kind: 'peer' },
      { cell: 'graphile-worker 500 batched', label: 'Graphile Worker, batched', kind: 'peer' },
      { cell: 'bullmq 500', label: 'BullMQ on Redis, as its guide', kind: 'peer' },
      { cell: 'bullmq 500 batched', label: 'BullMQ on Redis, batched', kind: 'peer' },
    ],
  },
  {
    title: 'PostgreSQL, 50 senders',
    bars: [
      { cell: 'engine postgres 50', label: 'Tidings', kind: 'engine' },
      { cell: 'hand-rolled 50', label: 'by hand, BullMQ and rows', kind: 'peer' },
      { cell: 'hand-rolled 50 batched', label: 'by hand, batched', kind: 'peer' },
    ],
  },
  {
    title: 'MariaDB, 500 senders',
    bars: [
      { cell: 'ceiling mariadb', label: 'what the server can take', kind: 'ceiling' },
      { cell: 'engine mariadb 500', label: 'Tidings', kind: 'engine' },
    ],
  },
  {
    title: 'Nothing kept, 50 senders',
    bars: [
      { cell: 'engine memory 50', label: 'Tidings, in memory', kind: 'engine' },
      { cell: 'notifme 50', label: 'notifme-sdk', kind: 'peer' },
    ],
  },
];
