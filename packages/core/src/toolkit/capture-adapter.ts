import type { AdapterCall, ChannelAdapter, Outcome, OutgoingMessage } from '../spec/index.ts';

/** A message that a capturing adapter was given, and how. */
export interface CapturedMessage extends OutgoingMessage {
  readonly call: Omit<AdapterCall, 'signal'>;
}

/** What a capturing adapter answers: an outcome, or a function that returns one, throws, or waits. */
export type Answer = Outcome | ((message: OutgoingMessage, call: AdapterCall) => Outcome | Promise<Outcome>);

/** Settings of a capturing adapter. */
export interface CaptureOptions<Name extends string = string> {
  /** Name of the adapter. */
  readonly name: string;
  /** Name of the channel it stands in for. */
  readonly channel: Name;
  /** What it answers. Default: `accepted`, with a provider id that counts up. */
  readonly outcome?: Answer;
  /** How many messages it keeps; older ones are dropped. Default: 10,000. */
  readonly keep?: number;
  /** Longest a call may take, in ms. Default: the engine's, 15,000. */
  readonly deadlineMs?: number;
}

/** Delivers nowhere and keeps what it was given. */
export interface CaptureAdapter<Name extends string = string> extends ChannelAdapter<Name> {
  /** What it was given, oldest first: the last `keep`, refused attempts among them. */
  readonly messages: readonly CapturedMessage[];
  /** The newest message; undefined when there is none. */
  last(): CapturedMessage | undefined;
  /** Forgets the messages; the answer stays. */
  clear(): void;
  /** Answers this from now on; without an argument, `accepted` again. */
  fail(answer?: Answer): void;
}

/** An adapter for the mode `test` and for tests: nothing leaves the process. */
export function captureAdapter<const Name extends string>(options: CaptureOptions<Name>): CaptureAdapter<Name> {
  const keep = options.keep ?? 10_000;
  // dropped from the front in bulk: one by one would move all the others each time
  let kept: CapturedMessage[] = [];
  let answer = options.outcome;
  let count = 0;

  return {
    specVersion: 1,
    name: options.name,
    channel: options.channel,
    ...(options.deadlineMs === undefined ? {} : { deadlineMs: options.deadlineMs }),
    get messages() {
      return kept.length > keep ? kept.slice(-keep) : kept;
    },
    last: () => kept.at(-1),
    clear() {
      kept = [];
    },
    fail(next) {
      answer = next;
    },
    async send(message: OutgoingMessage, call) {
      const { attempt, key, tag } = call;
      kept.push({ ...message, call: { attempt, key, tag } });
      if (kept.length >= 2 * keep) kept = kept.slice(-keep);
      count += 1;
      if (answer === undefined) return { outcome: 'accepted', providerId: `${options.name}-${count}` };
      return typeof answer === 'function' ? answer(message, call) : answer;
    },
  };
}

/** An answer that never comes by itself: it ends when the call is aborted, as `unknown`. */
export function hangUntilAborted(_message: OutgoingMessage, { signal }: AdapterCall): Promise<Outcome> {
  return new Promise((resolve) => {
    const end = (): void => resolve({ outcome: 'unknown', reason: 'The call was aborted.' });
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });
}
