// Every cell of the bench, in the order of a round. Each runs a few seconds, so that a full run stays within its minutes.
import type { Cell, Mode, ServerName, Setting } from './plan.ts';

const full: readonly Mode[] = ['full'];
const both: readonly Mode[] = ['full', 'quick'];

function engine(store: string, senders: number, count: number, more: Partial<Cell> = {}, how = 'send'): Cell {
  const needs: readonly ServerName[] = store === 'postgres' || store === 'mariadb' ? [store] : [];
  return { module: 'engine/full-work.ts', setting: { store, senders, count, how }, needs, modes: full, ...more };
}

function ceiling(store: 'sqlite' | 'postgres' | 'mariadb', count: number, more: Partial<Cell> = {}): Cell {
  const needs: readonly ServerName[] = store === 'sqlite' ? [] : [store];
  return { module: `ceiling/${store}.ts`, setting: { count }, needs, modes: full, ...more };
}

function peer(name: string, needs: readonly ServerName[], setting: Setting): Cell {
  return { module: `peers/${name}.ts`, setting, needs, modes: full };
}

function imported(entry: string): Cell {
  return {
    module: 'startup/import.ts',
    setting: { entry, times: 7 },
    needs: [],
    modes: full,
    figure: 'importMs',
    unit: 'ms',
    built: true,
    rounds: 1,
    seconds: 4,
  };
}

function several(processes: number, queue: 'in-process' | 'bullmq' | 'pg-boss'): Cell {
  const needs: readonly ServerName[] = queue === 'bullmq' ? ['postgres', 'redis'] : ['postgres'];
  return { module: 'processes/several.ts', setting: { processes, queue, count: 8_000 }, needs, modes: full, rounds: 2 };
}

function growth(
  name: string,
  store: 'postgres' | 'sqlite',
  setting: Setting,
  more: Pick<Cell, 'figure' | 'unit' | 'gc' | 'seconds'>,
): Cell {
  const needs: readonly ServerName[] = store === 'postgres' ? ['postgres'] : [];
  return { module: `growth/${name}.ts`, setting: { store, ...setting }, needs, modes: ['growth'], rounds: 1, ...more };
}

const atSize = { figure: 'ratio', unit: '×', seconds: 1_200 };
const poll = { figure: 'pollRatio', unit: '×', seconds: 300 };
const broadcast = { figure: 'growth', unit: 'MB', gc: true, seconds: 400 };
const erase = { figure: 'ratio', unit: '×', seconds: 300 };

export const cells = {
  'ceiling sqlite': ceiling('sqlite', 40_000, { modes: both, quick: { count: 12_000 } }),
  'engine sqlite 50': engine('sqlite', 50, 20_000, { modes: both, quick: { count: 8_000 } }),
  'engine sqlite 1': engine('sqlite', 1, 5_000),
  'engine sqlite 500': engine('sqlite', 500, 20_000),
  'engine sqlite array': engine('sqlite', 4, 20_000, {}, 'array'),
  'engine sqlite broadcast': engine('sqlite', 1, 10_000, {}, 'broadcast'),
  'send alone sqlite': {
    module: 'engine/send-alone.ts',
    setting: { store: 'sqlite' },
    needs: [],
    modes: both,
    figure: 'ratio',
    unit: '×',
  },

  'ceiling postgres': ceiling('postgres', 30_000, { modes: both, quick: { count: 10_000 } }),
  'engine postgres 500': engine('postgres', 500, 16_000, { modes: both, quick: { count: 8_000 } }),
  'engine postgres 50': engine('postgres', 50, 10_000),
  'engine postgres 1': engine('postgres', 1, 1_500),
  'engine postgres array': engine('postgres', 4, 16_000, {}, 'array'),
  'engine postgres broadcast': engine('postgres', 1, 10_000, {}, 'broadcast'),
  'send alone postgres': {
    module: 'engine/send-alone.ts',
    setting: { store: 'postgres' },
    needs: ['postgres'],
    modes: both,
    figure: 'ratio',
    unit: '×',
  },

  'ceiling mariadb': ceiling('mariadb', 20_000),
  'engine mariadb 500': engine('mariadb', 500, 10_000),
  'engine memory 50': engine('memory', 50, 20_000),

  'hand-rolled 50': peer('hand-rolled', ['postgres', 'redis'], { senders: 50, count: 2_000, batched: false }),
  'hand-rolled 50 batched': peer('hand-rolled', ['postgres', 'redis'], { senders: 50, count: 4_000, batched: true }),
  'bullmq 50': peer('bullmq', ['redis'], { senders: 50, count: 15_000, batched: false }),
  'bullmq 50 batched': peer('bullmq', ['redis'], { senders: 50, count: 15_000, batched: true }),
  'bullmq 500': peer('bullmq', ['redis'], { senders: 500, count: 15_000, batched: false }),
  'bullmq 500 batched': peer('bullmq', ['redis'], { senders: 500, count: 15_000, batched: true }),
  'pg-boss 500': peer('pg-boss', ['postgres'], { senders: 500, count: 3_000, batched: false }),
  'pg-boss 500 batched': peer('pg-boss', ['postgres'], { senders: 500, count: 10_000, batched: true }),
  'graphile-worker 500': peer('graphile-worker', ['postgres'], { senders: 500, count: 5_000, batched: false }),
  'graphile-worker 500 batched': peer('graphile-worker', ['postgres'], { senders: 500, count: 10_000, batched: true }),
  'notifme 50': peer('notifme', [], { senders: 50, count: 20_000 }),

  'processes 1 in-process': several(1, 'in-process'),
  'processes 2 in-process': several(2, 'in-process'),
  'processes 4 in-process': several(4, 'in-process'),
  'processes 1 bullmq': several(1, 'bullmq'),
  'processes 2 bullmq': several(2, 'bullmq'),
  'processes 4 bullmq': several(4, 'bullmq'),
  'processes 1 pg-boss': several(1, 'pg-boss'),
  'processes 2 pg-boss': several(2, 'pg-boss'),
  'processes 4 pg-boss': several(4, 'pg-boss'),

  'import core': imported('@tidings/core'),
  'import adapter-smtp': imported('@tidings/adapter-smtp'),
  'import store-kysely': imported('@tidings/store-kysely'),
  'import queue-bullmq': imported('@tidings/queue-bullmq'),
  'import queue-pg-boss': imported('@tidings/queue-pg-boss'),

  'rate at size postgres': growth('rate-at-size', 'postgres', { stored: 10_000_000 }, atSize),
  'rate at size sqlite': growth('rate-at-size', 'sqlite', { stored: 10_000_000 }, atSize),
  'due poll postgres': growth('due-poll', 'postgres', { waiting: 1_000_000 }, poll),
  'due poll sqlite': growth('due-poll', 'sqlite', { waiting: 1_000_000 }, poll),
  'broadcast memory postgres': growth('broadcast-memory', 'postgres', { contacts: 1_000_000 }, broadcast),
  'broadcast memory sqlite': growth('broadcast-memory', 'sqlite', { contacts: 1_000_000 }, broadcast),
  'erase while sending postgres': growth('erase-while-sending', 'postgres', {}, erase),
  'erase while sending sqlite': growth('erase-while-sending', 'sqlite', {}, erase),

  soak: {
    module: 'soak/soak.ts',
    setting: { minutes: 10 },
    needs: [],
    modes: ['soak'],
    figure: 'heapGrowthPercent',
    unit: '%',
    gc: true,
    rounds: 1,
    seconds: 620,
  },
} as const satisfies Readonly<Record<string, Cell>>;
