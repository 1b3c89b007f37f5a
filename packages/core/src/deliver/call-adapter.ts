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

/** Why a call ends whose provider is not waited for any longer. */
export const stopped = 'The engine stopped before the provider answered.';

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
    /** Aborted when it is lost, and when the engine stops. */
    readonly held: Pick<HeldJob, 'abort'>;
  },
): Promise<Outcome> {
  // Made when it is asked for: not every adapter can end a call.
  let aborter: AbortController | undefined;
  let aborted: TidingsError | undefined;
  let giveUp: (outcome: Outcome) => void = () => {};
  const late = new Promise<Outcome>((resolve) => {
    giveUp = resolve;
  });
  const end = (reason: string): void => {
    aborted = new TidingsError('PROVIDER_TIMEOUT', reason, { retryable: true });
    aborter?.abort(aborted);
    giveUp({ outcome: 'unknown', reason });
  };
  const { attempt, key, tag } = call;
  const given: AdapterCall = {
    attempt,
    key,
    tag,
    get signal() {
      if (!aborter) {
        aborter = new AbortController();
        if (aborted) aborter.abort(aborted);
      }
      return aborter.signal;
    },
  };
  limits.held.abort = end;
  const deadline = limits.clock.after(limits.deadlineMs, () =>
    end(`The provider did not answer within ${limits.deadlineMs} ms.`),
  );
  if (limits.stopping.aborted) end(stopped);
  try {
    const answer = Promise.resolve(adapter.send(message, given)).then(
      (answered) => readOutcome(answered, message.to),
      (error: unknown) => outcomeOfError(error, message.to),
    );
    return await Promise.race([answer, late]);
  } catch (error) {
    return outcomeOfError(error, message.to);
  } finally {
    deadline.cancel();
    limits.held.abort = undefined;
  }
}
