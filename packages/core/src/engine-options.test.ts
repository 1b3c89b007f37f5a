import { describe, expect, test } from 'vitest';
import { create, email, mail, sms } from '../test/create-with.ts';
import { events, refusal } from '../test/engine-trial.ts';
import { createEngine, defineAdapter, memoryStore } from './index.ts';

test('the least there can be is taken', () => {
  expect(create({})).toBeDefined();
  expect(createEngine({ store: memoryStore(), adapters: [], events: {} })).toBeDefined();
});

test('an adapter may be an instance of a class', () => {
  class Mailer {
    readonly specVersion = 1;
    readonly name = 'mailer';
    readonly channel = 'email';
    async send(): Promise<{ outcome: 'accepted' }> {
      return { outcome: 'accepted' };
    }
  }
  expect(create({ adapters: [new Mailer()] })).toBeDefined();
});

const keys =
  'store, adapters, events, queue, app, senders, brand, language, otpDomain, secrets, log, clock, random, telemetry, partials, layouts, helpers, strict, snapshots, phones, defaultCountry, idempotency, retention, limits, delivery, onUnroutable, storeWaitMs, missingAdapter, role, autoStart';

describe('a wrong option is named by its path', () => {
  test.each<[string, object, string, string]>([
    ['unknown', { adaptors: [] }, 'adaptors', `is no option; there are ${keys}`],
    [
      'unknown below',
      { delivery: { lease: 1 } },
      'delivery.lease',
      'is no option; there are leaseMs, heartbeatMs, pollMs, sweepMs, graceMs, retry, unknown, failover, circuit',
    ],
    [
      'unknown further below',
      { delivery: { retry: { max: 1 } } },
      'delivery.retry.max',
      'is no option; there are baseMs, factor, capMs',
    ],
    [
      'unknown in a list',
      { senders: [{ channel: 'email', address: 'a@b.se', main: true }] },
      'senders[0].main',
      'is no option; there are channel, address, name, default',
    ],
    ['no store', { store: {} }, 'store', 'must be a store, such as sqliteStore(…) or memoryStore()'],
    [
      'an old store',
      { store: { ...memoryStore(), specVersion: 0 } },
      'store',
      'has another specVersion than 1: install versions of the packages that belong together',
    ],
    ['no adapter', { adapters: [email, {}] }, 'adapters[1]', 'must be an adapter'],
    [
      'an old adapter',
      { adapters: [{ ...email, specVersion: 2 }] },
      'adapters[0]',
      'has another specVersion than 1: install versions of the packages that belong together',
    ],
    [
      'an adapter without a slot',
      { adapters: [{ ...email, lane: { slots: 0 } }] },
      'adapters[0].lane.slots',
      'is 0, but must be at least 1',
    ],
    [
      'an unknown lane option',
      { adapters: [{ ...email, lane: { slot: 1 } }] },
      'adapters[0].lane.slot',
      'is no option; there are slots, rate',
    ],
    ['no queue', { queue: {} }, 'queue', 'must be a queue'],
    ['an app without a name', { app: {} }, 'app.name', 'is missing; it must be a string'],
    [
      'a language that is none',
      { language: 'english!' },
      'language',
      'must be a BCP 47 language such as "en" or "sv-SE"',
    ],
    [
      'an address as domain',
      { otpDomain: 'https://example.com' },
      'otpDomain',
      'must be a bare domain such as "example.com"',
    ],
    ['a short secret', { secrets: ['short'] }, 'secrets[0]', 'must have at least 16 characters'],
    ['no secret', { secrets: [] }, 'secrets', 'must not be empty'],
    ['no logger', { log: { info() {} } }, 'log', 'must be a logger with debug, info, warn and error'],
    ['no clock', { clock: { now: 1 } }, 'clock', 'must be a clock with now, monotonic and after'],
    ['no random source', { random: {} }, 'random', 'must be a source with fraction and bytes'],
    ['no telemetry', { telemetry: {} }, 'telemetry', 'must be a telemetry with span and count'],
    ['a helper that is none', { helpers: { x: 1 } }, 'helpers.x', 'must be a function'],
    ['a country that is none', { defaultCountry: 'Sweden' }, 'defaultCountry', 'must be an ISO 3166 code such as "SE"'],
    [
      'too many recipients',
      { limits: { recipients: 20_000 } },
      'limits.recipients',
      'is 20000, but must be at most 10000',
    ],
    [
      'a policy that is none',
      { delivery: { unknown: { email: 'drop' } } },
      'delivery.unknown.email',
      'must be retry or hold, not a string',
    ],
    [
      'a policy for no channel',
      { delivery: { unknown: { emial: 'hold' } } },
      'delivery.unknown.emial',
      'is no channel of this engine',
    ],
    [
      'a heartbeat as long as the lease',
      { delivery: { heartbeatMs: 45_000 } },
      'delivery.heartbeatMs',
      'is 45000, but must be less than the lease (45000): a third of it lets two renewals fail',
    ],
    [
      'failover of no channel',
      { delivery: { failover: { fax: 'ordered' } } },
      'delivery.failover.fax',
      'is no channel of this engine',
    ],
    [
      'a failover of no kind',
      { delivery: { failover: { email: 'random' } } },
      'delivery.failover.email',
      'must be ordered or roundRobin, not a string',
    ],
    [
      'a circuit that opens at once',
      { delivery: { circuit: { failures: 0 } } },
      'delivery.circuit.failures',
      'is 0, but must be at least 1',
    ],
    [
      'a failover of all',
      { delivery: { failover: 'ordered' } },
      'delivery.failover',
      "must be an object by channel, such as { email: 'ordered' }, not a string",
    ],
    [
      'a policy for all',
      { delivery: { unknown: 'hold' } },
      'delivery.unknown',
      "must be an object by channel, such as { sms: 'hold' }, not a string",
    ],
    [
      'a grace of less than nothing',
      { delivery: { graceMs: -1 } },
      'delivery.graceMs',
      'is -1, but must be at least 0 milliseconds',
    ],
    [
      'a wait without end',
      { storeWaitMs: Number.POSITIVE_INFINITY },
      'storeWaitMs',
      'must be a whole number of milliseconds, not Infinity',
    ],
    ['a wait of a fraction', { storeWaitMs: 1.5 }, 'storeWaitMs', 'must be a whole number of milliseconds, not 1.5'],
    [
      'a time in words',
      { delivery: { circuit: { openMs: '30 seconds' } } },
      'delivery.circuit.openMs',
      'must be a whole number of milliseconds, not a string',
    ],
    [
      'a factor in words',
      { delivery: { retry: { factor: '4' } } },
      'delivery.retry.factor',
      'must be a number, not a string',
    ],
    [
      'contents that would outlive their notifications',
      { retention: { contents: '8 days', notifications: '1 week' } },
      'retention.contents',
      "is '8 days', but must not be longer than retention.notifications ('1 week'): a notification takes its contents with it",
    ],
    [
      'attempts without end',
      { adapters: [{ ...email, attempts: 1e9 }] },
      'adapters[0].attempts',
      'is 1000000000, but must be at most 1000',
    ],
    [
      'no circuit',
      { delivery: { circuit: false } },
      'delivery.circuit',
      'must be an object such as { failures: 5, openMs: 30000 }, not false',
    ],
    ['adapters that are no list', { adapters: email }, 'adapters', 'must be a list, not an object'],
    ['no adapters', { adapters: undefined }, 'adapters', 'is missing; it must be a list'],
    [
      'events as a list',
      { events: [mail] },
      'events',
      'must be an object of events by name, such as { welcome }, not a list',
    ],
    ['a flag in words', { strict: 'yes' }, 'strict', 'must be true or false, not a string'],
    [
      'snapshots of no kind',
      { snapshots: 'some' },
      'snapshots',
      'must be keep, off or { redact: (content) => … }, not a string',
    ],
    [
      'a lease of nothing',
      { delivery: { leaseMs: 0 } },
      'delivery.leaseMs',
      'is 0, but must be at least 1 milliseconds',
    ],
    ['a role that is none', { role: 'boss' }, 'role', 'must be producer, worker or both, not a string'],
    [
      'a sender of no channel',
      { senders: [{ channel: 'fax', address: '1' }] },
      'senders[0].channel',
      '"fax" is no channel of this engine',
    ],
    [
      'an adapter of no channel',
      { adapters: [email, { ...sms, channel: 'fax' }] },
      'adapters[1].channel',
      '"fax" is no channel of this engine; there are email, sms, push, slack, telegram, whatsapp, discord',
    ],
    [
      'two adapters of one name',
      { adapters: [email, { ...sms, name: 'mailer' }] },
      'adapters[1].name',
      '"mailer" is taken by another adapter; give one a name of its own',
    ],
    [
      "an adapter named as the test mode's",
      { adapters: [{ ...email, name: 'capture.email' }] },
      'adapters[0].name',
      'must not begin with "capture.", which is for the mode `test`',
    ],
    ['no event', { events: { mail: {} } }, 'events.mail', 'must be what defineEvent gives'],
    [
      'an event name with a capital',
      { events: { Mail: mail } },
      'events["Mail"]',
      'must be named by lower-case words joined by "-", "." or "_", 255 characters at most',
    ],
    [
      'an event name with a blank',
      { events: { 'two words': mail } },
      'events["two words"]',
      'must be named by lower-case words',
    ],
    [
      'a layout that is not there',
      { events: { mail: { ...mail, layout: 'wide' } } },
      'events["mail"].layout',
      '"wide" is not among layouts; there are none',
    ],
  ])('%s', async (_, given, path, problem) => {
    const said = await refusal(() => create(given));
    expect(said).toMatchObject({ code: 'CONFIGURATION_INVALID', path });
    expect(said.message).toContain(`createEngine: ${path} ${problem}`);
  });

  test('options that are no object', async () => {
    expect(await refusal(() => createEngine(undefined as never))).toMatchObject({ path: 'options' });
  });

  test('a lease that could end before a call does', async () => {
    const slow = defineAdapter({ name: 'slow', channel: 'email', deadlineMs: 60_000, send: email.send });
    expect(await refusal(() => create({ adapters: [slow] }))).toEqual({
      code: 'CONFIGURATION_INVALID',
      path: 'delivery.leaseMs',
      message:
        'createEngine: delivery.leaseMs is 45000, but must be at least 62000: the deadline of adapters[0] ("slow") is 60000 ms, and a lease outlives the call by 2000.',
    });
    expect(create({ adapters: [slow], delivery: { leaseMs: 62_000 } })).toBeDefined();
    expect(await refusal(() => create({ delivery: { leaseMs: 16_999 } }))).toMatchObject({ path: 'delivery.leaseMs' });
  });
});

test('the events of the other tests are fine as they are', () => {
  expect(create({ events, missingAdapter: 'skip' })).toBeDefined();
});

test('an option for a channel without an adapter is warned of, since another process may have one', () => {
  const said: unknown[] = [];
  const quiet = () => {};
  const log = { debug: quiet, info: quiet, error: quiet, warn: (...line: unknown[]) => said.push(line) };
  create({ log, delivery: { failover: { email: 'ordered', sms: 'ordered' }, unknown: { push: 'hold' } } });
  expect(said).toEqual([
    [
      { path: 'delivery.unknown.push', channel: 'push' },
      'delivery.unknown.push does nothing in this process: no adapter delivers on push.',
    ],
    [
      { path: 'delivery.failover.sms', channel: 'sms' },
      'delivery.failover.sms does nothing in this process: no adapter delivers on sms.',
    ],
  ]);
});

test('contents kept for ever, or without a word about notifications, are no mistake', () => {
  expect(create({ retention: { contents: false, notifications: '1 day' } })).toBeDefined();
  expect(create({ retention: { notifications: '1 day' } })).toBeDefined();
});
