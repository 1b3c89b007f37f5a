import { onTestFinished } from 'vitest';
import { z } from 'zod';
import {
  type Answer,
  type CaptureAdapter,
  type ChannelAdapter,
  captureAdapter,
  createEngine,
  defineEvent,
  type Engine,
  type EngineOptions,
  type EventMap,
  type Logger,
  memoryStore,
  type ReportName,
  type Sent,
  type SentMany,
  type Store,
  TidingsError,
  type UntypedSend,
} from '../src/index.ts';
import { type ManualClock, manualClock } from './manual-clock.ts';

/** One channel each, and one event with three. */
export const events: EventMap = {
  mail: defineEvent({
    payload: z.looseObject({}),
    templates: { email: { en: { subject: 'Hi {{name}}', text: 'Text {{word}}' } } },
  }),
  text: defineEvent({ payload: z.looseObject({}), templates: { sms: { en: { text: 'Text {{word}}' } } } }),
  ping: defineEvent({ templates: { push: { en: { title: 'Ping', body: 'Pong' } } } }),
  post: defineEvent({ templates: { slack: { en: { text: 'Posted' } } } }),
  any: defineEvent({
    payload: z.looseObject({}),
    templates: {
      email: { en: { subject: 'Hi', text: 'Text' }, sv: { subject: 'Hej', text: 'Text' } },
      sms: { en: { text: 'Text' } },
      push: { en: { title: 'Ping', body: 'Pong' } },
    },
  }),
};

type Options = Omit<EngineOptions<EventMap>, 'store' | 'adapters' | 'events'>;
export interface TrialOptions extends Partial<Options> {
  readonly events?: EventMap;
  readonly store?: Store;
  /** In place of the capturing adapter of that channel. */
  readonly adapters?: readonly ChannelAdapter[];
  /** What the capturing adapters answer. */
  readonly answer?: Answer;
  readonly clock?: ManualClock;
}

export interface Trial {
  readonly engine: Engine<EventMap>;
  readonly clock: ManualClock;
  readonly store: Store;
  /** What was logged, as `level message`. */
  readonly logged: string[];
  /** What was reported, in order. */
  readonly reported: { readonly name: string; readonly [field: string]: unknown }[];
  readonly email: CaptureAdapter;
  readonly sms: CaptureAdapter;
  readonly push: CaptureAdapter;
  readonly slack: CaptureAdapter;
  /** Sends to one. */
  one(event: string, message: UntypedSend): Promise<Sent>;
  /** Sends to several. */
  many(event: string, message: UntypedSend): Promise<SentMany>;
  /** Sends and works off what is due. */
  done(event: string, message: UntypedSend): Promise<Sent>;
}

const reportNames: readonly ReportName[] = [
  'message.sent',
  'message.suppressed',
  'message.retrying',
  'message.failed',
  'message.cancelled',
  'message.unknown',
  'notification.completed',
  'notification.failed',
  'notification.stopped',
  'broadcast.progress',
  'error',
];

/** An engine on a memory store, with a clock that stands still. Stopped when the test ends. */
export function trial(options: TrialOptions = {}): Trial {
  const clock = options.clock ?? manualClock();
  const store = options.store ?? memoryStore({ now: clock.now });
  const { answer, adapters = [], ...given } = options;
  const capture = (name: string, channel: string): CaptureAdapter =>
    captureAdapter({ name, channel, ...(answer === undefined ? {} : { outcome: answer }) });
  const captures = {
    email: capture('mailer', 'email'),
    sms: capture('texter', 'sms'),
    push: capture('pusher', 'push'),
    slack: capture('poster', 'slack'),
  };
  const replaced = new Set(adapters.map(({ channel }) => channel));
  const { log, logged } = recordingLog();
  const engine = createEngine({
    events,
    senders: [{ channel: 'email', address: 'hello@example.com', name: 'Example' }],
    log,
    secrets: ['a secret of sixteen'],
    random: { fraction: () => 0.5, bytes: counting() },
    ...given,
    clock,
    store,
    adapters: [...adapters, ...Object.values(captures).filter(({ channel }) => !replaced.has(channel))],
  } as EngineOptions<EventMap>);
  const reported: Trial['reported'] = [];
  for (const name of reportNames) {
    engine.untyped.on(name, (report) => reported.push({ ...(report as object), name }));
  }
  onTestFinished(async () => {
    const stopped = engine.stop();
    await clock.advance(60_000);
    await stopped;
  });
  const one: Trial['one'] = async (event, message) => (await engine.untyped.send(event, message)) as Sent;
  return {
    engine,
    clock,
    store,
    logged,
    reported,
    ...captures,
    one,
    many: async (event, message) => (await engine.untyped.send(event, message)) as SentMany,
    async done(event, message) {
      const sent = await one(event, message);
      await engine.idle();
      return sent;
    },
  };
}

function recordingLog(): { log: Logger; logged: string[] } {
  const logged: string[] = [];
  const at =
    (level: string) =>
    (_fields: object, message: string): void => {
      logged.push(`${level} ${message}`);
    };
  return { logged, log: { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') } };
}

function counting(): (count: number) => Uint8Array {
  let made = 0;
  return (count) => {
    made += 1;
    const bytes = new Uint8Array(count);
    new DataView(bytes.buffer).setUint32(count - 4, made);
    return bytes;
  };
}

/** The error a call fails with: its code, message and path. */
export async function refusal(call: () => unknown): Promise<{ code: string; message: string; path?: string }> {
  try {
    await call();
  } catch (error) {
    if (!TidingsError.is(error)) throw error;
    const { code, message, path } = error;
    return { code, message, ...(path === undefined ? {} : { path }) };
  }
  throw new Error('It was not refused.');
}

/** The only message of a notification. */
export async function messageOf(
  on: Pick<Trial, 'engine'>,
  sent: Sent,
): Promise<ReturnType<Trial['engine']['messages']['trace']> extends Promise<infer Trace> ? Trace : never> {
  const { messages } = await on.engine.notifications.get(sent.id);
  if (messages.length !== 1 || !messages[0]) throw new Error(`There are ${messages.length} messages.`);
  return on.engine.messages.trace(messages[0].id);
}
