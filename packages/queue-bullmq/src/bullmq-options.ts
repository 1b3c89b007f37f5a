import { type Logger, queueOptionChecks } from '@tidings/core/queue';
import { Redis, type RedisOptions } from 'ioredis';

/** Options of ioredis, but for those that BullMQ cannot work with. */
export type RedisConnectionOptions = Omit<RedisOptions, 'keyPrefix' | 'replyMapping'>;

/** Options of `bullmqQueue`. */
export interface BullmqQueueOptions {
  /**
   * A URL (`redis://…`, `rediss://…`), options of ioredis, or an `ioredis` instance of yours, which publishes and stays
   * open; waiting for wake-ups takes two connections like it besides. Default: `redis://127.0.0.1:6379`.
   */
  readonly connection?: string | RedisConnectionOptions | Redis;
  /** Name of the queue; processes that work together share it. Letters, digits, `_`, `-` and `.`. Default: `tidings`. */
  readonly name?: string;
  /** Beginning of its keys in Redis. Default: `bull`. */
  readonly prefix?: string;
  /** How long `publish` waits for Redis before it rejects, in ms. Default: 2,000. */
  readonly timeoutMs?: number;
  /** After how long wake-ups that a process died with are given to another, in ms, at least 1,000. Default: 15,000. */
  readonly redeliverMs?: number;
  /** Told when Redis is away or back, and when nobody takes wake-ups. Default: warnings to the standard error stream. */
  readonly log?: Logger;
}

/** Options with every default in place. */
export interface CheckedOptions {
  readonly name: string;
  readonly prefix: string;
  readonly timeoutMs: number;
  readonly redeliverMs: number;
  readonly log: Logger;
  /** The host's own instance. */
  readonly instance: Redis | undefined;
  /** A connection of ours, not yet opened. */
  open(): Redis;
}

const { wrong, keys, text, milliseconds, log } = queueOptionChecks('bullmqQueue');
const longestMs = 2 ** 31 - 1;
const known = ['connection', 'name', 'prefix', 'timeoutMs', 'redeliverMs', 'log'];

/** Checks what `bullmqQueue` was given and fills in the defaults. */
export function checkOptions(options: BullmqQueueOptions): CheckedOptions {
  keys(options, known);
  const { connection = 'redis://127.0.0.1:6379' } = options;
  const timeoutMs = milliseconds('timeoutMs', options.timeoutMs ?? 2_000, 1, longestMs);
  const instance = isInstance(connection) ? checkInstance(connection) : undefined;
  const own = instance ? undefined : ownOptions(connection as string | RedisConnectionOptions);
  return {
    name: text('name', options.name ?? 'tidings', /^[\w.-]{1,100}$/, 'must be 1 to 100 letters, digits and . _ -'),
    prefix: text(
      'prefix',
      options.prefix ?? 'bull',
      /^[\w.:{}-]{1,100}$/,
      'must be 1 to 100 letters, digits and . _ - : { }',
    ),
    timeoutMs,
    redeliverMs: milliseconds('redeliverMs', options.redeliverMs ?? 15_000, 1_000, longestMs),
    log: log(options.log),
    instance,
    open: () => connect(own, timeoutMs),
  };
}

type Own = readonly [url: string | undefined, options: RedisConnectionOptions];

function connect(own: Own | undefined, timeoutMs: number): Redis {
  const [url, given] = own ?? [undefined, {}];
  const options: RedisConnectionOptions = {
    connectTimeout: timeoutMs,
    retryStrategy: reconnectMs,
    ...given,
    lazyConnect: true,
    // What cannot be handed over now is refused now: the engine polls, and memory stays bounded.
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: timeoutMs,
  };
  return url === undefined ? new Redis(options) : new Redis(url, options);
}

/** Soon at first, then every two seconds, not all processes at once. */
export function reconnectMs(times: number): number {
  return Math.min(2_000, 50 * 2 ** Math.min(times, 10)) * (0.5 + Math.random() / 2);
}

function ownOptions(connection: string | RedisConnectionOptions): Own {
  if (typeof connection === 'string') {
    if (!URL.canParse(connection) || !/^rediss?:$/.test(new URL(connection).protocol)) {
      throw wrong('connection', 'must begin with redis:// or rediss://');
    }
    return [connection, {}];
  }
  if (typeof connection !== 'object' || connection === null || Array.isArray(connection)) {
    throw wrong('connection', 'must be a URL, options of ioredis, or an ioredis instance');
  }
  for (const name of ['keyPrefix', 'replyMapping'].filter((each) => each in connection)) {
    throw wrong(`connection.${name}`, 'cannot be used with BullMQ; for keys of its own there is `prefix`');
  }
  return [undefined, connection];
}

function isInstance(connection: unknown): connection is Redis {
  return typeof (connection as Partial<Redis> | null)?.defineCommand === 'function';
}

function checkInstance(connection: Redis): Redis {
  if (connection.isCluster) {
    throw wrong('connection', 'must be one Redis, not a cluster; a cluster is not tested');
  }
  if (connection.options.keyPrefix) {
    throw wrong('connection', 'was made with keyPrefix, which BullMQ cannot use; leave that out and use `prefix`');
  }
  return connection;
}
