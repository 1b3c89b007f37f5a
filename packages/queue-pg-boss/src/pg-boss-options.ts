import { type Logger, queueOptionChecks } from '@tidings/core/queue';
import { type ConstructorOptions, PgBoss } from 'pg-boss';

/** How pg-boss reaches PostgreSQL. */
export type PgBossConnection = Pick<
  ConstructorOptions,
  'host' | 'port' | 'database' | 'user' | 'password' | 'ssl' | 'options' | 'application_name'
>;

/** Options of `pgBossQueue`. */
export interface PgBossQueueOptions {
  /**
   * A URL (`postgres://…`), options of a connection, or a started `PgBoss` of yours, which stays running; whether it wakes
   * at once is then up to its `useListenNotify`.
   */
  readonly connection: string | PgBossConnection | PgBoss;
  /** Name of the queue; processes that work together share it. Letters, digits, `_`, `-` and `.`. Default: `tidings`. */
  readonly name?: string;
  /** PostgreSQL schema of pg-boss's tables, made when missing. Default: `pgboss`. */
  readonly schema?: string;
  /** How long `publish` waits for PostgreSQL before it rejects, in ms. Default: 5,000. */
  readonly timeoutMs?: number;
  /**
   * After how long wake-ups that a process died with are given to another, in ms, at least 1,000, rounded up to seconds.
   * Default: 15,000.
   */
  readonly redeliverMs?: number;
  /** Told when PostgreSQL is away or back, and when nobody takes wake-ups. Default: warnings to the standard error stream. */
  readonly log?: Logger;
}

/** Options with every default in place. */
export interface CheckedOptions {
  readonly name: string;
  readonly timeoutMs: number;
  readonly redeliverSeconds: number;
  readonly log: Logger;
  /** The host's own instance. */
  readonly instance: PgBoss | undefined;
  /** An instance of ours, not yet started. */
  make(use: 'publish' | 'consume'): PgBoss;
}

const { wrong, keys, text, milliseconds, log } = queueOptionChecks('pgBossQueue');
const longestMs = 86_400_000;
const known = ['connection', 'name', 'schema', 'timeoutMs', 'redeliverMs', 'log'];
const connecting = ['host', 'port', 'database', 'user', 'password', 'ssl', 'options', 'application_name'];

/** Checks what `pgBossQueue` was given and fills in the defaults. */
export function checkOptions(options: PgBossQueueOptions): CheckedOptions {
  keys(options, known);
  const { connection } = options;
  const instance = isInstance(connection) ? connection : undefined;
  if (instance && options.schema !== undefined) {
    throw wrong('schema', 'cannot stand beside a PgBoss of yours, which has its own');
  }
  const own = instance ? undefined : ownOptions(connection as string | PgBossConnection);
  const timeoutMs = milliseconds('timeoutMs', options.timeoutMs ?? 5_000, 1, longestMs);
  const redeliverSeconds = Math.ceil(
    milliseconds('redeliverMs', options.redeliverMs ?? 15_000, 1_000, longestMs) / 1_000,
  );
  const schema = text(
    'schema',
    options.schema ?? 'pgboss',
    /^[A-Za-z_]\w{0,49}$/,
    'must be 1 to 50 letters, digits and _, a digit not first',
  );
  return {
    name: text('name', options.name ?? 'tidings', /^[\w.-]{1,100}$/, 'must be 1 to 100 letters, digits and . _ -'),
    timeoutMs,
    redeliverSeconds,
    log: log(options.log),
    instance,
    make: (use) =>
      new PgBoss({
        ...own,
        schema,
        max: 2,
        connectionTimeoutMillis: timeoutMs,
        schedule: false,
        registerInstance: false,
        persistWarnings: false,
        // Who consumes looks after the queue: it returns what the dead had, and removes what is done.
        supervise: use === 'consume',
        useListenNotify: use === 'consume',
        superviseIntervalSeconds: redeliverSeconds,
        monitorIntervalSeconds: redeliverSeconds,
        maintenanceIntervalSeconds: 60,
        reindex: false,
        monitorVacuum: false,
        // Said by pg, which passes it on: a connection that died silently must not be waited on for ever.
        ...({ query_timeout: timeoutMs, keepAlive: true } as object),
      }),
  };
}

function ownOptions(connection: string | PgBossConnection): ConstructorOptions {
  if (connection === undefined) throw wrong('connection', 'is missing; give a URL, or options of a connection');
  if (typeof connection === 'string') {
    if (!URL.canParse(connection) || !/^postgres(ql)?:$/.test(new URL(connection).protocol)) {
      throw wrong('connection', 'must begin with postgres:// or postgresql://');
    }
    return { connectionString: connection };
  }
  if (typeof connection !== 'object' || connection === null || Array.isArray(connection)) {
    throw wrong('connection', 'must be a URL, options of a connection, or a PgBoss');
  }
  for (const name of Object.keys(connection)) {
    if (!connecting.includes(name)) {
      throw wrong(`connection.${name}`, `is no option; there are ${connecting.join(', ')}`);
    }
  }
  return connection;
}

function isInstance(connection: unknown): connection is PgBoss {
  const { work, insert } = (connection ?? {}) as Partial<PgBoss>;
  return typeof work === 'function' && typeof insert === 'function';
}
