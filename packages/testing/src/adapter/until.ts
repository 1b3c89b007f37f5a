import { setTimeout as pause } from 'node:timers/promises';

/** Waits until a condition holds, looking again and again; gives up after `patienceMs`. */
export async function until(holds: () => boolean, what: string, patienceMs = 10_000): Promise<void> {
  const limit = performance.now() + patienceMs;
  while (!holds()) {
    if (performance.now() > limit) throw new Error(`Waited ${patienceMs} ms in vain for ${what}.`);
    await pause(2);
  }
}
