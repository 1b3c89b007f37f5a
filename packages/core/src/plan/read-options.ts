import { z } from 'zod';
import { durationMs } from '../define/duration.ts';
import type { EngineOptions } from '../define/engine-options.ts';
import type { EventMap } from '../define/event-definition.ts';
import { defaultCircuit } from '../rules/circuit.ts';
import { isPhoneCountry } from '../rules/phone-number.ts';
import { defaultRetrySchedule } from '../rules/retry-schedule.ts';
import { TidingsError } from '../spec/index.ts';
import type { Settings } from './context.ts';
import { firstIssue } from './first-issue.ts';
import { issueWords, mustBe } from './issue-words.ts';

let options: ReturnType<typeof buildOptions> | undefined;

/** Built with the first engine: that takes as long as loading a good part of this package. */
function optionsSchema(): ReturnType<typeof buildOptions> {
  options ??= buildOptions();
  return options;
}

function buildOptions() {
  const ms = z
    .int()
    .min(1)
    .max(2 ** 47);
  const text = z.string().min(1);
  const callable = z.custom<(...values: unknown[]) => unknown>(
    (value) => typeof value === 'function',
    'must be a function',
  );
  const withMethods = (what: string, ...names: string[]): z.ZodType<object> =>
    z.custom<object>(
      (value) =>
        typeof value === 'object' &&
        value !== null &&
        names.every((name) => typeof (value as Record<string, unknown>)[name] === 'function'),
      `must be ${what}`,
    );
  const versioned = (what: string, ...names: string[]): z.ZodType<object> =>
    withMethods(what, ...names).refine(
      (value) => (value as { specVersion?: unknown }).specVersion === 1,
      'has another specVersion than 1: install versions of the packages that belong together',
    );
  // A pipe, not an intersection: that could not merge an instance of a class.
  const adapter = versioned('an adapter', 'send').pipe(
    z.looseObject({
      name: text.max(255),
      channel: text.max(255),
      deadlineMs: ms.optional(),
      // each attempt is a line of the message's timeline
      attempts: z.int().min(1).max(1000).optional(),
      lane: z
        .strictObject({
          slots: z.int().min(1).optional(),
          rate: z.strictObject({ limit: z.int().min(1), perMs: ms }).optional(),
        })
        .optional(),
      defaultSender: z.looseObject({ address: text, name: z.string().optional() }).optional(),
      senders: callable.optional(),
      close: callable.optional(),
    }),
  );

  const event = z.custom<object>(
    (value) =>
      typeof value === 'object' &&
      value !== null &&
      Array.isArray((value as { steps?: unknown }).steps) &&
      typeof (value as { templates?: unknown }).templates === 'object' &&
      (value as { templates?: unknown }).templates !== null,
    'must be what defineEvent gives',
  );

  return z.strictObject({
    store: versioned('a store, such as sqliteStore(…) or memoryStore()', 'commit', 'claim', 'load', 'migrate'),
    adapters: z.array(adapter),
    events: z.record(z.string(), event, mustBe('an object of events by name, such as { welcome }')),
    queue: versioned('a queue', 'publish', 'consume', 'close').optional(),
    app: z.looseObject({ name: z.string() }).optional(),
    senders: z
      .array(
        z.strictObject({ channel: text, address: text, name: z.string().optional(), default: z.boolean().optional() }),
      )
      .optional(),
    brand: z.record(z.string(), z.unknown()).optional(),
    language: z.string().refine(isLanguage, 'must be a BCP 47 language such as "en" or "sv-SE"').optional(),
    otpDomain: z
      .string()
      .regex(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/, 'must be a bare domain such as "example.com"')
      .optional(),
    secrets: z.array(z.string().min(16, 'must have at least 16 characters')).min(1).optional(),
    log: withMethods('a logger with debug, info, warn and error', 'debug', 'info', 'warn', 'error').optional(),
    clock: withMethods('a clock with now, monotonic and after', 'now', 'monotonic', 'after').optional(),
    random: withMethods('a source with fraction and bytes', 'fraction', 'bytes').optional(),
    telemetry: withMethods('a telemetry with span and count', 'span', 'count').optional(),
    partials: z.record(z.string(), z.string()).optional(),
    layouts: z.record(z.string(), z.string()).optional(),
    helpers: z.record(z.string(), callable).optional(),
    strict: z.boolean().optional(),
    snapshots: z
      .union(
        [z.enum(['keep', 'off']), z.strictObject({ redact: callable })],
        mustBe('keep, off or { redact: (content) => … }'),
      )
      .optional(),
    phones: z.enum(['form', 'possible', 'valid']).optional(),
    defaultCountry: z.string().refine(isPhoneCountry, 'must be an ISO 3166 code such as "SE"').optional(),
    idempotency: z.strictObject({ keepMs: ms.optional() }).optional(),
    retention: z.strictObject({ contents: z.unknown(), notifications: z.unknown() }).partial().optional(),
    limits: z
      .strictObject({
        recipients: z.int().min(1).max(10_000).optional(),
        payloadBytes: z.int().min(1).optional(),
        outputBytes: z.int().min(1).optional(),
        depth: z.int().min(1).max(1000).optional(),
        timeMs: ms.optional(),
        sourceBytes: z.int().min(1).optional(),
        templates: z.int().min(1).optional(),
        waitingSends: z.int().min(1).optional(),
      })
      .optional(),
    delivery: z
      .strictObject({
        leaseMs: ms.optional(),
        heartbeatMs: ms.optional(),
        pollMs: ms.optional(),
        sweepMs: ms.optional(),
        graceMs: z.int().min(0).optional(),
        retry: z
          .strictObject({ baseMs: ms.optional(), factor: z.number().min(1).max(100).optional(), capMs: ms.optional() })
          .optional(),
        unknown: z
          .record(z.string(), z.enum(['retry', 'hold']), mustBe("an object by channel, such as { sms: 'hold' }"))
          .optional(),
        failover: z
          .record(
            z.string(),
            z.enum(['ordered', 'roundRobin']),
            mustBe("an object by channel, such as { email: 'ordered' }"),
          )
          .optional(),
        circuit: z
          .strictObject(
            { failures: z.int().min(1).optional(), openMs: ms.optional() },
            mustBe('an object such as { failures: 5, openMs: 30000 }'),
          )
          .optional(),
      })
      .optional(),
    onUnroutable: z.enum(['throw', 'record']).optional(),
    storeWaitMs: z
      .int()
      .min(0)
      .max(2 ** 47)
      .optional(),
    missingAdapter: z.enum(['refuse', 'skip']).optional(),
    role: z.enum(['producer', 'worker', 'both']).optional(),
    autoStart: z.boolean().optional(),
  });
}

const defaultDeadlineMs = 15_000;
const defaultAttempts = 5;
const day = 86_400_000;

/** Checks the options of an engine; throws CONFIGURATION_INVALID with the path of what is wrong. */
export function checkEngineOptions(given: unknown): void {
  const result = optionsSchema().safeParse(given, { error: issueWords });
  if (result.success) return;
  const { path, within, unknown, message } = firstIssue(result.error);
  if (unknown !== undefined) throw wrong(path, `is no option; there are ${known(within)}`);
  throw wrong(path === '' ? 'options' : path, message);
}

function known(path: readonly PropertyKey[]): string {
  let at: unknown = unwrapped(optionsSchema());
  for (const part of path) {
    if (at instanceof z.ZodArray) at = unwrapped(at.element);
    else if (at instanceof z.ZodObject) at = unwrapped((at.shape as Record<string, unknown>)[String(part)]);
  }
  return at instanceof z.ZodObject ? Object.keys(at.shape).join(', ') : 'others';
}

function unwrapped(schema: unknown): unknown {
  if (schema instanceof z.ZodOptional) return unwrapped(schema.unwrap());
  return schema instanceof z.ZodPipe ? unwrapped(schema.out) : schema;
}

/** Fills in the defaults; throws when a lease could end before a call does. */
// biome-ignore lint/suspicious/noExplicitAny: any transaction
export function readSettings(given: EngineOptions<EventMap, any>): Settings {
  const { delivery = {} } = given;
  const leaseMs = delivery.leaseMs ?? 45_000;
  for (const [index, one] of given.adapters.entries()) {
    const deadlineMs = one.deadlineMs ?? defaultDeadlineMs;
    if (leaseMs >= deadlineMs + 2000) continue;
    throw wrong(
      'delivery.leaseMs',
      `is ${leaseMs}, but must be at least ${deadlineMs + 2000}: the deadline of adapters[${index}] ("${one.name}") is ${deadlineMs} ms, and a lease outlives the call by 2000`,
    );
  }
  const heartbeatMs = delivery.heartbeatMs ?? Math.min(15_000, Math.floor(leaseMs / 3));
  if (heartbeatMs >= leaseMs) {
    throw wrong(
      'delivery.heartbeatMs',
      `is ${heartbeatMs}, but must be less than the lease (${leaseMs}): a third of it lets two renewals fail`,
    );
  }
  return {
    leaseMs,
    heartbeatMs,
    pollMs: delivery.pollMs ?? 1000,
    sweepMs: delivery.sweepMs ?? 10_000,
    graceMs: delivery.graceMs ?? 10_000,
    deadlineMs: defaultDeadlineMs,
    attempts: defaultAttempts,
    retry: { ...defaultRetrySchedule, ...delivery.retry },
    circuit: { ...defaultCircuit, ...delivery.circuit },
    failover: new Map(Object.entries(delivery.failover ?? {})) as Settings['failover'],
    unknown: new Map(Object.entries(delivery.unknown ?? {})) as Settings['unknown'],
    keepKeysMs: given.idempotency?.keepMs ?? day,
    retention: readRetention(given.retention),
    recipients: given.limits?.recipients ?? 1000,
    payloadBytes: given.limits?.payloadBytes ?? 262_144,
    onUnroutable: given.onUnroutable ?? 'throw',
    strandedMs: day,
    storeWaitMs: given.storeWaitMs ?? 0,
    waitingSends: given.limits?.waitingSends ?? 10_000,
  };
}

/** Contents go with their notification at the latest. */
function readRetention(given: EngineOptions<EventMap>['retention']): Settings['retention'] {
  const contentsMs = keptFor('contents', given?.contents ?? '30 days');
  const notificationsMs = keptFor('notifications', given?.notifications ?? '90 days');
  const bothGiven = given?.contents !== undefined && given.notifications !== undefined;
  if (bothGiven && contentsMs !== null && notificationsMs !== null && contentsMs > notificationsMs) {
    throw wrong(
      'retention.contents',
      `is '${given.contents}', but must not be longer than retention.notifications ('${given.notifications}'): a notification takes its contents with it`,
    );
  }
  return { contentsMs, notificationsMs };
}

function keptFor(option: string, given: unknown): number | null {
  return given === false ? null : durationMs('createEngine', `retention.${option}`, given);
}

function wrong(path: string, problem: string): TidingsError {
  return new TidingsError('CONFIGURATION_INVALID', `createEngine: ${path} ${problem}.`.replace(/\.\.$/, '.'), { path });
}

function isLanguage(value: string): boolean {
  try {
    return Intl.getCanonicalLocales(value).length === 1;
  } catch {
    return false;
  }
}
