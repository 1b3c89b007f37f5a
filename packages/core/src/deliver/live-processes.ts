import type { Context } from '../plan/context.ts';

/** How many processes share the rates: each says now and then that it lives. */
export interface LiveProcesses {
  readonly count: number;
  /** Says that this one lives, unless it was said lately. Never fails. */
  beat(): Promise<void>;
}

/** `limited`: at least one lane has a rate; otherwise nothing is to be shared. */
export function createLiveProcesses(
  context: Context,
  limited: boolean,
  failed: (error: unknown) => void,
): LiveProcesses {
  const { store, clock, settings } = context;
  const name = Buffer.from(context.random.bytes(16)).toString('hex');
  let count = 1;
  let next = 0;
  return {
    get count() {
      return count;
    },
    async beat() {
      if (!limited || clock.monotonic() < next) return;
      next = clock.monotonic() + settings.sweepMs;
      try {
        count = await store.beat(name, settings.sweepMs * 3);
      } catch (error) {
        failed(error);
      }
    },
  };
}
