import type { Timer } from '@tidings/core/spec';

interface Waiting {
  readonly at: number;
  readonly task: () => void;
}

/** Time that stands still until it is told to go on to the next timer. Timers of one moment run in the order they were set. */
export class VirtualClock {
  readonly #start = Date.parse('2026-01-01T00:00:00Z');
  #elapsed = 0;
  #timers: Waiting[] = [];

  /** Wall time, in ms. */
  now = (): number => this.#start + this.#elapsed;

  /** Ms since the beginning. */
  get elapsed(): number {
    return this.#elapsed;
  }

  after(ms: number, task: () => void): Timer {
    const timer = { at: this.#elapsed + Math.max(0, ms), task };
    const place = this.#timers.findIndex((other) => other.at > timer.at);
    if (place < 0) this.#timers.push(timer);
    else this.#timers.splice(place, 0, timer);
    return {
      cancel: () => {
        const index = this.#timers.indexOf(timer);
        if (index >= 0) this.#timers.splice(index, 1);
      },
    };
  }

  /** When the next timer fires, in ms since the beginning; undefined: there is none. */
  get next(): number | undefined {
    return this.#timers[0]?.at;
  }

  /** Goes on to the next timer and runs it. */
  step(): void {
    const timer = this.#timers.shift();
    if (!timer) return;
    this.#elapsed = Math.max(this.#elapsed, timer.at);
    timer.task();
  }

  /** Moves ahead at once: what is due on the way runs late, as after a suspended machine. */
  jump(ms: number): void {
    this.#elapsed += ms;
  }
}
