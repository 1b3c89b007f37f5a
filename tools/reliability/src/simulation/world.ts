import { TidingsError } from '@tidings/core/spec';
import type { Fault, FaultMode } from './fault.ts';
import { Recorder } from './recorder.ts';
import { Schedule } from './schedule.ts';
import { settings } from './settings.ts';
import type { SimProcess } from './sim-process.ts';
import { VirtualClock } from './virtual-clock.ts';

// Turns of the event loop without any operation, timer or answer after which nothing can be under way: the engine puts at
// most two of them between one port and the next.
const quietTurns = 4;

// Operations in one moment that no run needs.
const mostAtOnce = 2_000;

// No operation takes longer, in ms: what only a distant timer would end is not waited for.
const longestLagMs = 10_000;

/** An engine goes round in circles while time stands still. */
export class HotLoop extends Error {}

const never = new Promise<never>(() => {});

/** Time, order and faults of one run: every operation of every port passes here. */
export class World {
  readonly clock = new VirtualClock();
  readonly recorder = new Recorder();
  /** What was done, in order, as `process port.operation`. */
  readonly operations: string[] = [];
  /** Every process there ever was. */
  readonly processes: SimProcess[] = [];
  /** The faults that found their operation. */
  readonly injected: Fault[] = [];
  readonly #faults: ReadonlyMap<number, Fault>;
  readonly #schedule: Schedule;
  #activity = 0;
  #inEffect = 0;

  constructor(faults: readonly Fault[], picks: readonly number[]) {
    this.#faults = new Map(faults.map((fault) => [fault.operation, fault]));
    this.#schedule = new Schedule(picks);
  }

  /** Passes one operation of a port on, or does to it what was planned. */
  async operate<T>(process: SimProcess, name: string, effect: () => Promise<T>): Promise<T> {
    if (process.dead) return never;
    this.#activity += 1;
    this.operations.push(`${process.id} ${name}`);
    const fault = this.#faults.get(this.operations.length);
    if (fault) {
      this.injected.push(fault);
      process.harmed = true;
    }
    const begun = { moment: this.recorder.moment(), elapsed: this.clock.elapsed };
    try {
      return await this.#pass(process, name, effect, fault?.mode);
    } finally {
      // An operation that takes its time may outlast a lease.
      if (this.clock.elapsed > begun.elapsed) this.#excuse('stall', process, begun.moment);
    }
  }

  async #pass<T>(process: SimProcess, name: string, effect: () => Promise<T>, mode: FaultMode | undefined): Promise<T> {
    await this.#schedule.turn();
    if (mode === 'freeze') process.freeze(settings.stallMs);
    await this.#thaw(process);
    if (process.dead) return never;
    if (mode === 'crash-before') return this.#crash(process);
    if (mode === 'throw-before') throw unavailable(name, {});
    if (mode === 'delay') await this.wait(settings.delayMs);
    if (process.dead) return never;
    const result = await this.#effect(effect);
    if (mode === 'crash-after') return this.#crash(process);
    if (mode === 'throw-after') throw unavailable(name, { outcome: 'unknown' });
    if (mode === 'stall') await this.wait(settings.stallMs);
    await this.#schedule.turn();
    await this.#thaw(process);
    this.#activity += 1;
    return process.dead ? never : result;
  }

  async #effect<T>(effect: () => Promise<T>): Promise<T> {
    this.#inEffect += 1;
    try {
      return await effect();
    } finally {
      this.#inEffect -= 1;
      this.#activity += 1;
    }
  }

  async #thaw(process: SimProcess): Promise<void> {
    if (process.frozen > 0) await this.wait(process.frozen);
  }

  #crash(process: SimProcess): Promise<never> {
    this.kill(process);
    return never;
  }

  kill(process: SimProcess): void {
    if (process.dead) return;
    this.#excuse('kill', process, this.recorder.moment());
    this.#activity += 1;
    process.kill();
  }

  #excuse(kind: 'kill' | 'stall', { id }: SimProcess, from: number): void {
    this.recorder.excuses.push({ kind, process: id, from, until: this.recorder.moment() });
  }

  /** Moves time ahead at once, as after a suspended machine: every process stood still. */
  jump(ms: number): void {
    const from = this.recorder.moment();
    this.clock.jump(ms);
    for (const process of this.processes) if (!process.dead) this.#excuse('stall', process, from);
  }

  /** Resolves when that much time has passed. */
  wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.clock.after(ms, () => {
        this.#activity += 1;
        resolve();
      });
    });
  }

  /**
   * Lets everything happen that can without time going on, then moves time to the next timer. False: there is none, or
   * it lies beyond `until`.
   */
  async step(until: number): Promise<boolean> {
    if (this.clock.elapsed > until) return false;
    if (await this.settle()) return true;
    const { next } = this.clock;
    if (next === undefined || next > until) return false;
    this.clock.step();
    return true;
  }

  /** Resolves when nothing more happens unless time goes on; true: the schedule made it go on already. */
  async settle(): Promise<boolean> {
    const before = this.operations.length;
    for (;;) {
      if (this.operations.length - before > mostAtOnce) throw new HotLoop(this.operations.slice(-6).join(', '));
      await this.#quiet();
      if (this.#schedule.waiting === 0) return false;
      if (this.#schedule.release() === 'released') continue;
      if (this.clock.next === undefined || this.clock.next > this.clock.elapsed + longestLagMs) continue;
      this.clock.step();
      return true;
    }
  }

  async #quiet(): Promise<void> {
    const before = this.operations.length;
    let seen = this.#activity;
    for (let quiet = 0; quiet < quietTurns; quiet += 1) {
      await new Promise((resolve) => setImmediate(resolve));
      if (this.operations.length - before > mostAtOnce) return;
      if (this.#inEffect === 0 && this.#activity === seen) continue;
      seen = this.#activity;
      quiet = -1;
    }
  }
}

function unavailable(name: string, details: { readonly outcome?: 'unknown' }): TidingsError | Error {
  if (name.startsWith('adapter')) return new Error('The connection was lost.');
  return new TidingsError('STORE_UNAVAILABLE', `${name} failed as it was told to.`, { retryable: true, details });
}
