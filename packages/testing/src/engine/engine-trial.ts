import {
  type BuiltInChannels,
  type CaptureAdapter,
  captureAdapter,
  createEngine,
  defineEvent,
  type Engine,
  type EngineOptions,
  type EventDefinition,
  silentLogger,
} from '@tidings/core';
import type { Store } from '@tidings/core/spec';
import { z } from 'zod';

/** A store for an engine on trial. */
export interface EngineSubject {
  /** With a clock of its own: engines on trial run in real time. */
  readonly store: Store;
  /** Removes everything that was made for it. */
  close(): Promise<void>;
}

/** Makes an empty store. */
export type EngineFactory = () => Promise<EngineSubject>;

interface TrialEvent<Channel extends string> {
  input: { text: string };
  output: { text: string };
  channel: Channel;
  channels: BuiltInChannels;
  category: 'transactional';
  listeners: false;
}

const note: EventDefinition<TrialEvent<'email' | 'sms'>> = defineEvent({
  payload: z.object({ text: z.string() }),
  route: ['email', 'sms'],
  templates: {
    email: { en: { subject: 'Note', text: '{{text}}' } },
    sms: { en: { text: '{{text}}' } },
  },
});
const push: EventDefinition<TrialEvent<'push'>> = defineEvent({
  payload: z.object({ text: z.string() }),
  templates: { push: { en: { title: 'Note', body: '{{text}}' } } },
});

/** The events of every trial: `note` by e-mail or else sms, `push` to every device. */
export const trialEvents: { note: typeof note; push: typeof push } = { note, push };

/** What a case of the engine suite works with. The scope is its own; the store is shared. */
export interface EngineTrial {
  readonly store: Store;
  readonly tenant: string;
  readonly engine: Engine<typeof trialEvents>;
  readonly email: CaptureAdapter<'email'>;
  readonly sms: CaptureAdapter<'sms'>;
  readonly push: CaptureAdapter<'push'>;
  /** Another engine on the same store and scope; stopped when the case is over. */
  another(options?: Partial<EngineOptions<typeof trialEvents>>): Engine<typeof trialEvents>;
  /** Resolves when no message of the scope is queued any more. */
  settled(): Promise<void>;
}

let trials = 0;

/** Runs one case with an engine of its own on the store. */
export async function tryEngine(store: Store, run: (trial: EngineTrial) => Promise<void>): Promise<void> {
  trials += 1;
  const tenant = `engine-trial-${process.pid}-${trials}`;
  // Lanes are shared by everybody on a database: names of our own keep other trials' rows away.
  const email = captureAdapter({ name: `email-${tenant}`, channel: 'email', keep: 100_000 });
  const sms = captureAdapter({ name: `sms-${tenant}`, channel: 'sms', keep: 100_000 });
  const pushes = captureAdapter({ name: `push-${tenant}`, channel: 'push', keep: 100_000 });
  const roots: Engine<typeof trialEvents>[] = [];
  const another = (options: Partial<EngineOptions<typeof trialEvents>> = {}): Engine<typeof trialEvents> => {
    const root = createEngine({
      store: staysOpen(store),
      adapters: [email, sms, pushes],
      events: trialEvents,
      senders: [{ channel: 'email', address: 'notes@example.com' }],
      // A circuit would wait in real time.
      delivery: { retry: { baseMs: 1, factor: 1, capMs: 1 }, circuit: { openMs: 1 } },
      log: silentLogger,
      ...options,
    });
    roots.push(root);
    return root.for({ tenant });
  };
  const engine = another();
  try {
    await run({
      store,
      tenant,
      engine,
      email,
      sms,
      push: pushes,
      another,
      async settled() {
        await engine.start();
        for (;;) {
          await engine.idle();
          // Timers and other engines of this process must have their turn.
          await new Promise((resolve) => setImmediate(resolve));
          const { items } = await engine.messages.list({ status: 'queued', limit: 1 });
          if (items.length === 0) return;
        }
      },
    });
  } finally {
    for (const root of roots) await root.stop();
  }
}

/** The store as an engine sees it that does not own it: stopping the engine leaves it open for the next. */
function staysOpen(store: Store): Store {
  return new Proxy(store, {
    get(target, key) {
      if (key === 'close') return async () => {};
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
