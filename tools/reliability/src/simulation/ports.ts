import { inProcessQueue } from '@tidings/core';
import type { AdapterCall, ChannelAdapter, Outcome, OutgoingMessage, Queue, Store } from '@tidings/core/spec';
import type { Recorder } from './recorder.ts';
import { settings } from './settings.ts';
import type { SimProcess } from './sim-process.ts';
import type { World } from './world.ts';

/** The store as one process reaches it: each operation may fail, be late, or be the last thing the process does. */
export function storePort(inner: Store, process: SimProcess, world: World): Store {
  const { recorder } = world;
  return new Proxy(inner, {
    get(target, name: string) {
      const method: unknown = Reflect.get(target, name, target);
      if (typeof method !== 'function') return method;
      // The store outlives the processes that use it.
      if (name === 'close') return () => world.operate(process, 'store.close', async () => {});
      return (...args: unknown[]) =>
        world.operate(process, `store.${name}`, () => watched(target, name, args, process.id, recorder));
    },
  });
}

async function watched(
  store: Store,
  name: string,
  args: readonly unknown[],
  process: string,
  recorder: Recorder,
): Promise<unknown> {
  const call = (...given: readonly unknown[]): Promise<unknown> =>
    (store as unknown as Record<string, (...values: unknown[]) => Promise<unknown>>)[name]?.(
      ...given,
    ) as Promise<unknown>;
  if (name === 'commit') {
    const { watched, written } = recorder.watch(args[0] as never);
    const result = await call(watched, ...args.slice(1));
    written(process);
    return result;
  }
  const result = await call(...args);
  if (name === 'claim') recorder.claimed(result as never, process);
  if (name === 'erase') recorder.erased((args[0] as { id: string }).id);
  if (name === 'scope') {
    const [tenant, mode] = args as [string, 'live' | 'test'];
    recorder.scopes.set(result as number, { id: result as number, tenant, mode });
  }
  return result;
}

/** The in-process queue of one process; it ends with it. */
export function queuePort(process: SimProcess, world: World): Queue {
  const inner = inProcessQueue();
  return {
    specVersion: 1,
    publish(wakeUps) {
      world.recorder.texts.push({ where: 'queue', text: JSON.stringify(wakeUps) });
      return world.operate(process, 'queue.publish', () => inner.publish(wakeUps));
    },
    async consume(handler) {
      let end: (() => Promise<void>) | undefined;
      try {
        return await world.operate(process, 'queue.consume', async () => {
          end = await inner.consume(handler);
          return end;
        });
      } catch (error) {
        // Who is told that it failed is not a consumer.
        await end?.();
        throw error;
      }
    },
    close: () => world.operate(process, 'queue.close', () => inner.close()),
  };
}

/** What the provider does with a call. */
export type Answer = 'accept' | 'late' | 'never' | Outcome;

/** What the provider decides by. */
export interface Question {
  readonly address: string;
  readonly channel: string;
  readonly attempt: number;
  readonly messageId: string;
  /** Calls to this address so far, this one included. */
  readonly nth: number;
}

/** The provider of a run: it remembers every call, whoever makes it. */
export class Provider {
  readonly #world: World;
  readonly #answer: (question: Question) => Answer;
  readonly #nth = new Map<string, number>();

  constructor(world: World, answer: (question: Question) => Answer) {
    this.#world = world;
    this.#answer = answer;
  }

  /** An adapter of one process that leads here. */
  adapter<const Channel extends string>(
    channel: Channel,
    process: SimProcess,
    lane?: ChannelAdapter['lane'],
  ): ChannelAdapter<Channel> {
    return {
      specVersion: 1,
      name: `sim-${channel}`,
      channel,
      deadlineMs: settings.deadlineMs,
      attempts: settings.attempts,
      ...(lane === undefined ? {} : { lane }),
      send: (message, call) => this.#send(message, call, process),
    };
  }

  async #send(message: OutgoingMessage, call: AdapterCall, process: SimProcess): Promise<Outcome> {
    const world = this.#world;
    let told: { answer: Answer; heard: (outcome: 'unknown' | 'late') => void } | undefined;
    try {
      const { answer } = await world.operate(process, `adapter.${message.channel}`, async () => {
        told = this.#receive(message, call, process);
        return told;
      });
      return await this.#outcome(answer, message);
    } catch (error) {
      told?.heard('unknown');
      throw error;
    } finally {
      if (call.signal.aborted) told?.heard('late');
    }
  }

  #receive(
    { id, channel, to, scope }: OutgoingMessage,
    { attempt }: AdapterCall,
    process: SimProcess,
  ): { answer: Answer; heard: (outcome: 'unknown' | 'late') => void } {
    const world = this.#world;
    const nth = (this.#nth.get(to) ?? 0) + 1;
    this.#nth.set(to, nth);
    const answer = this.#answer({ address: to, channel, attempt, messageId: id, nth });
    const seen = {
      messageId: id,
      attempt,
      channel,
      address: to,
      scope,
      process: process.id,
      beganAt: world.recorder.moment(),
      storeTime: world.clock.now(),
      outcome: seenAs(answer),
    };
    world.recorder.calls.push(seen);
    return {
      answer,
      heard(outcome) {
        if (seen.outcome === 'accepted') seen.outcome = outcome;
      },
    };
  }

  async #outcome(answer: Answer, { id }: OutgoingMessage): Promise<Outcome> {
    if (answer === 'never') return new Promise(() => {});
    if (answer === 'late') await this.#world.wait(settings.deadlineMs + 300);
    return typeof answer === 'string' ? { outcome: 'accepted', providerId: `provider-${id}` } : answer;
  }
}

function seenAs(answer: Answer): 'accepted' | 'refused' | 'unknown' | 'late' | 'none' {
  if (answer === 'accept') return 'accepted';
  if (answer === 'late') return 'late';
  if (answer === 'never') return 'none';
  if (answer.outcome === 'accepted') return 'accepted';
  return answer.outcome === 'unknown' ? 'unknown' : 'refused';
}
