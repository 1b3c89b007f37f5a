import { createEngine, type Engine, type EventMap } from '@tidings/core';
import type { ChannelAdapter, Store } from '@tidings/core/spec';
import { fakeRandom } from '@tidings/testing';
import { events } from './events.ts';
import type { Plant } from './plant.ts';
import type { Answer } from './ports.ts';
import { type Provider, type Question, queuePort, storePort } from './ports.ts';
import { settings } from './settings.ts';
import { SimProcess } from './sim-process.ts';
import type { World } from './world.ts';

/** What the processes of a run have in common. */
export interface HostSetup {
  readonly world: World;
  /** What the engines are given. */
  readonly store: Store;
  /** What is underneath, for those who look. */
  readonly truth: Store;
  readonly plant: Plant;
  readonly seed: number;
  readonly provider: (question: Question) => Answer;
  /** Called with each engine that is made. */
  readonly prepare: ((engine: Engine<EventMap>) => void) | undefined;
}

/** A process and its engine. */
export interface Running {
  readonly process: SimProcess;
  readonly engine: Engine<EventMap>;
}

/** A place where one process runs at a time: when it ends without having been stopped, the next one starts a little later. */
export class Host {
  readonly #name: string;
  readonly #setup: HostSetup;
  readonly #provider: Provider;
  #count = 0;
  #now: Running | undefined;
  #waiting: ((running: Running) => void)[] = [];
  #wanted = true;

  constructor(name: string, setup: HostSetup, provider: Provider) {
    this.#name = name;
    this.#setup = setup;
    this.#provider = provider;
  }

  /** Starts a process and keeps one running from then on. */
  start(): void {
    this.#wanted = true;
    if (!this.#now) this.#spawn();
  }

  /** The process that runs, or the next one that does. */
  running(): Promise<Running> {
    if (this.#now) return Promise.resolve(this.#now);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Ends the process on the spot. */
  kill(): void {
    if (this.#now) this.#setup.world.kill(this.#now.process);
  }

  /** Stops its engine as a host should; what is left of the process afterwards is written down. */
  async stop(): Promise<void> {
    const { world } = this.#setup;
    for (;;) {
      const { process, engine } = await this.running();
      try {
        await Promise.race([engine.stop(), process.died]);
      } catch {
        continue;
      }
      this.#wanted = false;
      this.#now = undefined;
      const leases = process.harmed ? [] : await this.#leasesOf(process);
      const at = world.recorder.moment();
      world.recorder.shutdowns.push({ process: process.id, at, timers: process.timers, sockets: 0, leases });
      return;
    }
  }

  async #leasesOf({ id: process }: SimProcess): Promise<string[]> {
    const { world, truth } = this.#setup;
    const leased: string[] = [];
    for (const { id: scope } of world.recorder.scopes.values()) {
      const { items } = await truth.listMessages({ scope, status: ['queued'], limit: 500 });
      for (const { id, leaseUntil } of items) {
        if (leaseUntil !== null && leaseUntil > world.clock.now() && world.recorder.holds(process, id)) leased.push(id);
      }
    }
    return leased;
  }

  #spawn(): void {
    const { world, store, seed, prepare, plant } = this.#setup;
    this.#count += 1;
    const process = new SimProcess(`${this.#name}${this.#count}`, world.clock);
    world.processes.push(process);
    const adapter = <const Channel extends string>(channel: Channel, lane?: ChannelAdapter['lane']) => {
      const sound = this.#provider.adapter(channel, process, lane);
      return (plant.adapter?.(sound) ?? sound) as ChannelAdapter<Channel>;
    };
    const clock = process.clock();
    const engine = createEngine<EventMap>({
      store: storePort(store, process, world),
      queue: queuePort(process, world),
      adapters: [
        adapter('email'),
        adapter('sms'),
        adapter('push'),
        adapter('telegram', { slots: 1, rate: { limit: 1, perMs: 900 } }),
      ],
      events,
      senders: [{ channel: 'email', address: 'notes@example.com' }],
      helpers: { explode: explode },
      clock: plant.clock?.(clock) ?? clock,
      random: fakeRandom(seed * 1000 + this.#count * 10 + this.#name.charCodeAt(0)),
      log: world.recorder.logger(),
      delivery: {
        leaseMs: settings.leaseMs,
        pollMs: settings.pollMs,
        sweepMs: settings.sweepMs,
        graceMs: settings.graceMs,
        retry: settings.retry,
        circuit: { openMs: settings.circuitOpenMs },
        unknown: { sms: 'hold' },
      },
    });
    prepare?.(engine);
    const running = { process, engine };
    this.#now = running;
    process.died.catch(() => this.#ended(running));
    void this.#begin(running);
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const tell of waiting) tell(running);
  }

  /** A host whose engine does not start tries again: its database may come back. */
  async #begin({ process, engine }: Running): Promise<void> {
    while (!process.dead && this.#wanted) {
      try {
        await engine.start();
        return;
      } catch {
        await this.#setup.world.wait(settings.retryMs);
      }
    }
  }

  #ended(running: Running): void {
    if (this.#now !== running) return;
    this.#now = undefined;
    this.#setup.world.clock.after(settings.restartMs, () => {
      if (this.#wanted && !this.#now) this.#spawn();
    });
  }
}

function explode(): never {
  throw new Error('The helper broke.');
}
