import { createAcceptor } from './accept/accept.ts';
import type { AcceptItem } from './accept/accept-item.ts';
import { broadcast } from './accept/broadcast.ts';
import type { AcceptResult } from './accept/decide-accept.ts';
import { resultOf } from './accept/kept-result.ts';
import { publishWakeUps } from './accept/publish-wake-ups.ts';
import { readSend, type SendScope } from './accept/read-send.ts';
import { createStoreWait, type StoreWait } from './accept/store-wait.ts';
import { durationMs } from './define/duration.ts';
import type { Drained, Engine } from './define/engine-api.ts';
import type { EngineOptions } from './define/engine-options.ts';
import type { EventMap } from './define/event-definition.ts';
import type { Stopped } from './define/views.ts';
import { windDown } from './deliver/wind-down.ts';
import { createWorker, type Worker } from './deliver/worker.ts';
import { cancel } from './manage/cancel.ts';
import { createContacts } from './manage/contacts.ts';
import { finishErasure } from './manage/erase-contact.ts';
import { createEvents, createIntegrations, createMessages, createNotifications } from './manage/reading.ts';
import { createRetention, type Retention } from './manage/retention.ts';
import type { Scoped } from './manage/scoped.ts';
import { createSuppressions } from './manage/suppressions.ts';
import { compilePlan } from './plan/compile-plan.ts';
import type { Context, Settings } from './plan/context.ts';
import { beginTransaction } from './plan/host-transaction.ts';
import { loadLibraries } from './plan/load-libraries.ts';
import type { Plan } from './plan/plan.ts';
import { checkEngineOptions, readSettings } from './plan/read-options.ts';
import { readRules } from './plan/read-rules.ts';
import { readScope } from './plan/read-scope.ts';
import { createReports, type Listeners } from './plan/report.ts';
import { createSecrets } from './plan/secrets.ts';
import { warnUnused } from './plan/warn-unused.ts';
import { createRenderer } from './render/create-renderer.ts';
import type { Renderer } from './render/renderer.ts';
import type { RendererLimits } from './render/renderer-options.ts';
import type { RecipientRules } from './rules/recipient.ts';
import { type Clock, type Logger, type Mode, type Queue, type Random, type Scope, TidingsError } from './spec/index.ts';
import type { Batcher } from './toolkit/batcher.ts';
import { createCommitTurns } from './toolkit/commit-turns.ts';
import { consoleLogger } from './toolkit/console-logger.ts';
import { inProcessQueue } from './toolkit/in-process-queue.ts';
import { noTelemetry } from './toolkit/no-telemetry.ts';
import { safeLogger } from './toolkit/safe-logger.ts';
import { sureStore } from './toolkit/sure-store.ts';
import { systemClock, systemRandom } from './toolkit/system-clock.ts';

// biome-ignore lint/suspicious/noExplicitAny: any transaction
type Options = EngineOptions<EventMap, any>;

/** What the handles of all scopes share. */
interface Shared {
  readonly options: Options;
  readonly plan: Plan;
  readonly settings: Settings;
  readonly rules: RecipientRules;
  readonly renderer: Renderer;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly queue: Queue;
  readonly listeners: Listeners;
  readonly patience: StoreWait;
  running: Promise<Running> | undefined;
  started: boolean;
  stopping: Promise<void> | undefined;
}

/** What there is once the store is migrated. */
interface Running {
  readonly context: Context;
  readonly worker: Worker;
  readonly retention: Retention;
  readonly acceptor: Batcher<AcceptItem, AcceptResult>;
  /** Takes no more wake-ups, which then go to others. */
  deafen(): Promise<void>;
  scope(scope: Scope): Promise<SendScope>;
}

/**
 * Wires an engine. Nothing is opened yet: the store is migrated and delivery begins at the first use, or at `start()`.
 *
 * @throws TidingsError `CONFIGURATION_INVALID`, `TEMPLATE_INVALID`, `TEMPLATE_MISSING`, `INTEGRATION_MISSING`,
 * `UNVERIFIED_SENDER` or `NOT_SUPPORTED`, each with the path of what is wrong.
 *
 * @example
 * const engine = createEngine({ store: memoryStore(), adapters: [smtp({ host: 'localhost' })], events: { welcome } });
 * await engine.send('welcome', { to: 'jane@example.com', payload: { company: 'ACME' } });
 */
export function createEngine<E extends EventMap, Tx = never>(options: EngineOptions<E, Tx>): Engine<E, Tx> {
  checkEngineOptions(options);
  const given = options as unknown as Options;
  const clock = given.clock ?? systemClock;
  const log = safeLogger(given.log ?? consoleLogger);
  const renderer = createRenderer({
    partials: given.partials ?? {},
    layouts: given.layouts ?? {},
    helpers: given.helpers ?? {},
    strict: given.strict ?? false,
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    limits: templateLimits(given.limits),
  });
  const settings = readSettings(given);
  const plan = compilePlan(given, renderer);
  warnUnused(given, plan, log);
  const shared: Shared = {
    options: given,
    plan,
    settings,
    rules: readRules(given, plan),
    renderer,
    clock,
    random: given.random ?? systemRandom,
    log,
    queue: given.queue ?? inProcessQueue(),
    listeners: createReports(clock, log),
    patience: createStoreWait({ clock, waitMs: settings.storeWaitMs, most: settings.waitingSends }),
    running: undefined,
    started: false,
    stopping: undefined,
  };
  // Now, to be there by the first send, which waits for it and says what went wrong.
  loadLibraries(plan, shared.rules).catch(() => {});
  return handle(shared, { tenant: 'default', mode: 'live' }) as unknown as Engine<E, Tx>;
}

function templateLimits({
  outputBytes,
  depth,
  timeMs,
  sourceBytes,
  templates,
}: Options['limits'] = {}): RendererLimits {
  return {
    ...(outputBytes === undefined ? {} : { outputBytes }),
    ...(depth === undefined ? {} : { depth }),
    ...(timeMs === undefined ? {} : { timeMs }),
    ...(sourceBytes === undefined ? {} : { sourceBytes }),
    ...(templates === undefined ? {} : { templates }),
  };
}

/** The engine as one scope sees it. */
function handle(shared: Shared, scope: Scope): Engine<EventMap> {
  const scoped: Scoped = {
    async ready() {
      const running = await ready(shared);
      return {
        on: running.context,
        scope: (await running.scope(scope)).id,
        named: scope,
        rules: shared.rules,
        held: running.worker,
      };
    },
  };
  const send = async (event: string, message: unknown): Promise<unknown> => {
    const { running, at } = await useIn(shared, scope);
    const item = await readSend(event, message, at, shared.rules, running.context);
    return resultOf(item, await running.acceptor.add(item));
  };
  const cast = async (event: string, source: unknown, options: unknown): Promise<unknown> => {
    const { running, at } = await useIn(shared, scope);
    return broadcast(event, source, options, at, shared.rules, running.context, running.acceptor);
  };
  const other = (given: { readonly tenant?: string; readonly mode?: Mode }): Engine<EventMap> =>
    handle(shared, readScope(given, scope));
  const on = (name: string, listener: (report: never) => void): (() => void) => {
    refuseWhenStopped(shared);
    return shared.listeners.on(name, scope, listener as (report: unknown) => void);
  };
  const stopSends = async (event: string, which: unknown, ...more: readonly unknown[]): Promise<Stopped> => {
    refuseMore('cancel', more, 'transaction stands beside `to` or `idempotencyKey`');
    return cancel(scoped, event, which);
  };
  const transaction = async (run: never, ...more: readonly unknown[]): Promise<unknown> => {
    refuseMore('engine.transaction', more, 'to begin one with options, do so yourself and pass it as `transaction`');
    return beginTransaction(run, (await use(shared)).context);
  };
  const engine = {
    send,
    broadcast: cast,
    cancel: stopSends,
    for: other,
    on,
    untyped: { send, broadcast: cast, cancel: stopSends, for: other, on },
    notifications: createNotifications(scoped),
    messages: createMessages(scoped),
    contacts: createContacts(scoped),
    suppressions: createSuppressions(scoped),
    transaction,
    events: createEvents(shared.plan),
    integrations: createIntegrations(shared.plan, scope.mode, async (adapter) => {
      const running = await shared.running;
      return running?.worker.condition(adapter) ?? 'active';
    }),
    start: () => start(shared),
    stop: () => stop(shared),
    idle: () => idle(shared),
    drain: (options?: { readonly budget?: string }) => drain(shared, options),
    prune: async (...more: unknown[]) => {
      refuseMore('prune', more, 'the option `retention` of the engine says how long things are kept');
      return (await ready(shared)).retention.run();
    },
  };
  return engine as unknown as Engine<EventMap>;
}

/** What would change nothing must not look as if it did. */
function refuseMore(call: string, more: readonly unknown[], mend: string): void {
  if (more.every((argument) => argument === undefined)) return;
  throw new TidingsError('VALIDATION_ERROR', `${call} takes no further argument: ${mend}.`, { path: 'options' });
}

async function ready(shared: Shared): Promise<Running> {
  refuseWhenStopped(shared);
  shared.running ??= open(shared).catch((error: unknown) => {
    // The next use tries again: a database that was away at boot may be back.
    shared.running = undefined;
    throw error;
  });
  return shared.running;
}

function refuseWhenStopped(shared: Shared): void {
  if (!shared.stopping) return;
  throw new TidingsError('ENGINE_STOPPED', 'The engine was stopped and takes no more work. Create another one.');
}

async function use(shared: Shared): Promise<Running> {
  if (shared.options.role === 'worker') {
    throw new TidingsError(
      'NOT_SUPPORTED',
      "An engine with the role 'worker' only delivers. Send with one whose role is 'producer' or 'both'.",
      { path: 'role' },
    );
  }
  const running = await ready(shared);
  if (!shared.started && shared.options.autoStart !== false) begin(shared, running);
  return running;
}

/** As `use`, with the scope; waits for a store that is away as the options say. */
function useIn(shared: Shared, scope: Scope): Promise<{ running: Running; at: SendScope }> {
  return shared.patience.run(async () => {
    const running = await use(shared);
    return { running, at: await running.scope(scope) };
  });
}

async function open(shared: Shared): Promise<Running> {
  const { options, plan, settings, renderer, clock, random, log, queue, listeners } = shared;
  const store = sureStore(options.store, clock);
  await loadLibraries(plan, shared.rules);
  await store.migrate();
  const context: Context = {
    plan,
    store,
    secrets: createSecrets(await secretsOf(shared)),
    renderer,
    settings,
    clock,
    random,
    log,
    telemetry: options.telemetry ?? noTelemetry,
    turns: createCommitTurns(store.capabilities.concurrentCommits),
    report: listeners.report,
  };
  const scopes = new Map<string, Promise<SendScope>>();
  const known = new Map<number, Scope>();
  const scopeOf = async (id: number): Promise<Scope> => {
    let scope = known.get(id);
    if (!scope) {
      scope = await store.scopeOf(id);
      known.set(id, scope);
    }
    return scope;
  };
  const worker = createWorker(context, scopeOf, ({ contact, scope, runs }, held) =>
    finishErasure(contact, runs, { on: context, named: scope, held }),
  );
  const acceptor = createAcceptor(context, {
    reserve: worker.reserve,
    release: worker.release,
    troubled: worker.troubled,
    run: worker.run,
    leasing: worker.leasing,
    // Without a queue between processes nobody would ever take what a producer publishes.
    wake: options.role === 'producer' && !options.queue ? () => {} : publishWakeUps(queue, log),
  });
  const scopeNamed = ({ tenant, mode }: Scope): Promise<SendScope> => {
    const key = `${mode}/${tenant}`;
    const found = scopes.get(key);
    if (found) return found;
    const made = store.scope(tenant, mode).then((id) => {
      known.set(id, { tenant, mode });
      return { id, tenant, mode };
    });
    scopes.set(key, made);
    made.catch(() => scopes.delete(key));
    return made;
  };
  // Now: with a transaction of the host's open it might be too late to write it.
  await scopeNamed({ tenant: 'default', mode: 'live' });
  // Last, since a queue has one consumer and this may be tried again. Stopped meanwhile: the queue is closed by now.
  refuseWhenStopped(shared);
  const deafen =
    options.role === 'producer' ? async () => {} : await queue.consume(async (wakeUps) => worker.wake(wakeUps));
  return {
    deafen,
    context,
    worker,
    retention: createRetention(context),
    acceptor: {
      idle: acceptor.idle,
      get pending() {
        return acceptor.pending;
      },
      add(item) {
        const accept = async (): Promise<AcceptResult> => {
          // A send that was still being read when the engine stopped.
          refuseWhenStopped(shared);
          return acceptor.add(item);
        };
        // What failed in the host's transaction is the host's to try again.
        return item.transaction === undefined ? shared.patience.run(accept) : accept();
      },
    },
    scope: scopeNamed,
  };
}

async function secretsOf(shared: Shared): Promise<readonly [string, ...string[]]> {
  const [current, ...older] = shared.options.secrets ?? [];
  if (current !== undefined) return [current, ...older];
  const proposed = Buffer.from(shared.random.bytes(32)).toString('base64url');
  const kept = await shared.options.store.remember('secret', proposed);
  if (kept === proposed) {
    shared.log.info({}, 'No `secrets` were given: one was made and is kept in the database.');
  }
  return [kept];
}

function begin(shared: Shared, running: Running): void {
  // An opening that outlived the stop has nothing to begin.
  if (shared.stopping) return;
  shared.started = true;
  if (shared.options.role === 'producer') return;
  running.worker.start();
  running.retention.start();
}

async function start(shared: Shared): Promise<void> {
  const running = await shared.patience.run(() => ready(shared));
  if (!shared.started) begin(shared, running);
}

function stop(shared: Shared): Promise<void> {
  shared.stopping ??= windDown({
    clock: shared.clock,
    log: shared.log,
    graceMs: shared.settings.graceMs,
    refuse: shared.patience.stop,
    running: shared.running,
    queue: shared.queue,
    adapters: [...shared.plan.adapters.live.values()].flat(),
    store: shared.options.store,
  });
  return shared.stopping;
}

async function idle(shared: Shared): Promise<void> {
  const running = await ready(shared);
  await running.acceptor.idle();
  await running.worker.idle();
}

async function drain(shared: Shared, options: { readonly budget?: string } | undefined): Promise<Drained> {
  const budget = options?.budget === undefined ? undefined : durationMs('drain', 'budget', options.budget);
  if (shared.options.role === 'producer') {
    throw new TidingsError('NOT_SUPPORTED', "engine.drain: an engine with the role 'producer' delivers nothing.");
  }
  const running = await ready(shared);
  await running.acceptor.idle();
  return running.worker.drain(budget);
}
