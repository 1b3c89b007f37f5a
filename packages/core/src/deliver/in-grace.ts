import type { Clock } from '../spec/index.ts';

/** How long, after the grace, what was aborted may take to be written, in ms; and how long anything may take to close. */
export const lastTryMs = 2000;

/** Waits for `work`: aborts it when the grace is over and, however it hangs, leaves it soon after. Never rejects. */
export async function inGrace(
  work: Promise<unknown>,
  on: { readonly clock: Clock; readonly graceMs: number; abort(): void },
): Promise<void> {
  let leave: () => void = () => {};
  const over = new Promise<void>((resolve) => {
    leave = resolve;
  });
  let timer = on.clock.after(on.graceMs, () => {
    on.abort();
    timer = on.clock.after(lastTryMs, leave);
  });
  await Promise.race([work.catch(() => {}), over]);
  timer.cancel();
}

/** Waits for `work` no longer than `ms`; whether it ended by then. Rejects as it does. */
export async function endsWithin(work: Promise<unknown>, ms: number, clock: Clock): Promise<boolean> {
  let leave: (ended: boolean) => void = () => {};
  const over = new Promise<boolean>((resolve) => {
    leave = resolve;
  });
  const timer = clock.after(ms, () => leave(false));
  try {
    return await Promise.race([work.then(() => true), over]);
  } finally {
    timer.cancel();
  }
}
