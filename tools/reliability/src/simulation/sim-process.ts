import type { Clock } from '@tidings/core/spec';
import type { VirtualClock } from './virtual-clock.ts';

/** Said to whoever waited for a process that ended. */
export class Crashed extends Error {}

/** A process as far as the simulation knows one: it has timers, and it can end. Its ports ask it before they do anything. */
export class SimProcess {
  readonly id: string;
  /** Rejects when it ends. */
  readonly died: Promise<never>;
  /** A fault was injected into one of its ports: what it left may be the fault's. */
  harmed = false;
  #dead = false;
  #timers = 0;
  #end: (reason: Crashed) => void = () => {};
  readonly #time: VirtualClock;
  #frozenUntil = 0;

  constructor(id: string, time: VirtualClock) {
    this.id = id;
    this.#time = time;
    this.died = new Promise((_, reject) => {
      this.#end = reject;
    });
    this.died.catch(() => {});
  }

  get dead(): boolean {
    return this.#dead;
  }

  /** Timers it waits for. */
  get timers(): number {
    return this.#timers;
  }

  /** Ends it in the middle of whatever it does. */
  kill(): void {
    this.#dead = true;
    this.#end(new Crashed(`${this.id} ended.`));
  }

  /** Lets it stand still: nothing reaches it and nothing of it happens until the time is over. */
  freeze(ms: number): void {
    this.#frozenUntil = this.#time.elapsed + ms;
  }

  /** Ms until it goes on; 0: it does. */
  get frozen(): number {
    return Math.max(0, this.#frozenUntil - this.#time.elapsed);
  }

  /** The clock it is given: its timers end with it. */
  clock(): Clock {
    return {
      now: this.#time.now,
      monotonic: () => this.#time.elapsed,
      after: (ms, task) => {
        let waiting = true;
        this.#timers += 1;
        const over = (): boolean => {
          const was = waiting;
          if (waiting) this.#timers -= 1;
          waiting = false;
          return was;
        };
        const fire = (): void => {
          if (this.frozen > 0) timer = this.#time.after(this.frozen, fire);
          else if (over() && !this.#dead) task();
        };
        let timer = this.#time.after(ms, fire);
        return {
          cancel: () => {
            over();
            timer.cancel();
          },
        };
      },
    };
  }
}
