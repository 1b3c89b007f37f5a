/** What a run's engines are set to: short, so that a run of minutes holds many recoveries. All in ms but the counts. */
export const settings = {
  leaseMs: 3000,
  deadlineMs: 1000,
  pollMs: 250,
  sweepMs: 2000,
  graceMs: 5000,
  slots: 50,
  /** Faults must not use them up: a message that fails counts as lost. */
  attempts: 40,
  retry: { baseMs: 50, factor: 2, capMs: 1000 },
  circuitOpenMs: 250,
} as const;

export type StoreKind = 'sqlite' | 'postgres' | 'mariadb';
export type QueueKind = 'in-process' | 'bullmq' | 'pg-boss';

export type Role = 'both' | 'producer' | 'worker';

/** Where a run keeps its rows. `url` is a file for SQLite. */
export interface Place {
  readonly store: StoreKind;
  readonly url: string;
}

/** What a worker process is told when it starts. */
export interface WorkerOrder {
  /** `w<place in the fleet>.<how often it was started>`. */
  readonly name: string;
  readonly folder: string;
  readonly place: Place;
  readonly queue: QueueKind;
  /** With a queue between processes some only accept and some only deliver. */
  readonly role: Role;
  /** Of Redis, for BullMQ. */
  readonly redis: string;
  /** Keeps the queues of runs apart. */
  readonly prefix: string;
  readonly provider: number;
  readonly unknown: 'retry' | 'hold';
  readonly plant: string | null;
}

/** How a provider misbehaves: shares of its calls. */
export interface Manners {
  readonly busy: number;
  readonly tooMany: number;
  readonly late: number;
  readonly closed: number;
  readonly stalled: number;
  /** Longest it takes for an answer, in ms. */
  readonly slowMs: number;
}
