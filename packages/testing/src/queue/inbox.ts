import { setTimeout as pause } from 'node:timers/promises';
import type { Queue, WakeUp } from '@tidings/core/spec';
import { expect } from 'vitest';

/** Collects what is handed over, and waits for it. */
export class Inbox {
  readonly wakeUps: WakeUp[] = [];
  #waiting: { until(): boolean; done(): void }[] = [];

  readonly take = async (wakeUps: readonly WakeUp[]): Promise<void> => {
    this.wakeUps.push(...wakeUps);
    this.#waiting = this.#waiting.filter(({ until, done }) => !until() || void done());
  };

  lanes(): Set<string> {
    return new Set(this.wakeUps.map(({ lane }) => lane));
  }

  until(holds: (inbox: this) => boolean): Promise<void> {
    if (holds(this)) return Promise.resolve();
    return new Promise((done) => this.#waiting.push({ until: () => holds(this), done }));
  }
}

/** What a queue hands over from now on. */
export async function consumed(queue: Queue): Promise<Inbox> {
  const inbox = new Inbox();
  await queue.consume(inbox.take);
  return inbox;
}

const kinds = ['Timeout', 'Immediate', 'TCPSocketWrap', 'TCPServerWrap'];

/** What keeps this process open, as far as a queue could have made it. */
export function heldHandles(): readonly string[] {
  return process.getActiveResourcesInfo().filter((kind) => kinds.includes(kind));
}

/** Waits until no more is held than `before`: sockets need a moment to close. */
export async function handlesReleased(before: readonly string[]): Promise<void> {
  // not by expect.poll, whose own timers would count
  for (let looks = 0; looks < 200 && heldHandles().length > before.length; looks += 1) await pause(50);
  const left = [...heldHandles()];
  if (left.length > before.length) expect(left.sort()).toEqual([...before].sort());
}
