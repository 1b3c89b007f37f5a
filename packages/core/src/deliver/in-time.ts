import { type Clock, TidingsError } from '../spec/index.ts';

/** What rendering comes to, or an error when it takes too long or the process must end: no slot is held for ever. */
export async function inTime<T>(
  rendering: Promise<T>,
  ms: number,
  on: { readonly context: { readonly clock: Clock }; readonly stopping: AbortSignal },
): Promise<T> {
  let giveUp: (error: TidingsError) => void = () => {};
  const late = new Promise<never>((_, reject) => {
    giveUp = reject;
  });
  const timer = on.context.clock.after(ms, () =>
    giveUp(new TidingsError('TEMPLATE_LIMIT', `The message was not rendered within ${ms} ms.`)),
  );
  const stop = (): void => giveUp(new TidingsError('ENGINE_STOPPED', 'The engine stopped before it was rendered.'));
  if (on.stopping.aborted) stop();
  else on.stopping.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([rendering, late]);
  } finally {
    timer.cancel();
    on.stopping.removeEventListener('abort', stop);
  }
}
