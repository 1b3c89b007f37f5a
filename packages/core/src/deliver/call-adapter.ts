import {
  type AdapterCall,
  type ChannelAdapter,
  type Clock,
  type Outcome,
  type OutgoingMessage,
  TidingsError,
} from '../spec/index.ts';
import type { HeldJob } from './held-jobs.ts';
import { outcomeOfError, readOutcome } from './read-outcome.ts';

/**
 * One call of an adapter, never longer than its deadline: the signal is aborted and the slot freed even when the call
 * ignores it. Never throws; what an adapter throws becomes an outcome.
 */
export async function callAdapter(
  adapter: ChannelAdapter,
  message: OutgoingMessage,
  call: Omit<AdapterCall, 'signal'>,
  limits: {
    readonly clock: Clock;
    readonly deadlineMs: number;
    readonly stopping: AbortSignal;
    /** Aborted when it is lost. */
    readonly held: Pick<HeldJob, 'abort'>;
  },
): Promise<Outcome> {
  const aborter = new AbortController();
  let giveUp: (outcome: Outcome) => void = () => {};
  const late = new Promise<Outcome>((resolve) => {
    giveUp = resolve;
  });
  const end = (reason: string): void => {
    aborter.abort(new TidingsError('PROVIDER_TIMEOUT', reason, { retryable: true }));
    giveUp({ outcome: 'unknown', reason });
  };
  limits.held.abort = end;
  const stop = (): void => end('The engine stopped before the provider answered.');
  const deadline = limits.clock.after(limits.deadlineMs, () =>
    end(`The provider did not answer within ${limits.deadlineMs} ms.`),
  );
  if (limits.stopping.aborted) stop();
  else limits.stopping.addEventListener('abort', stop, { once: true });
  try {
    const answer = Promise.resolve(adapter.send(message, { ...call, signal: aborter.signal })).then(
      (given) => readOutcome(given, message.to),
      (error: unknown) => outcomeOfError(error, message.to),
    );
    return await Promise.race([answer, late]);
  } catch (error) {
    return outcomeOfError(error, message.to);
  } finally {
    deadline.cancel();
    limits.held.abort = undefined;
    limits.stopping.removeEventListener('abort', stop);
  }
}
