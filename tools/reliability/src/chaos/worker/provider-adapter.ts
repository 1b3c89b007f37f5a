import {
  type AdapterCall,
  type ChannelAdapter,
  defineAdapter,
  type Outcome,
  type OutgoingMessage,
} from '@tidings/core';
import { outcomeOfFailure, outcomeOfStatus } from '@tidings/core/adapter';
import type { WorkerEntry } from '../entries.ts';
import { monotonic } from '../monotonic.ts';
import { settings } from '../settings.ts';
import type { Failpoints } from './failpoints.ts';

/** One call as the provider reads it. */
export interface CallBody {
  readonly message: string;
  readonly attempt: number;
  readonly channel: string;
  readonly to: string;
  readonly scope: OutgoingMessage['scope'];
  readonly process: string;
}

/** Adapters of both channels of a run; each call is one POST to the fake provider. */
export function providerAdapters(
  port: number,
  process: string,
  failpoints: Failpoints,
  tell: (entry: WorkerEntry) => void,
): readonly ChannelAdapter<'email' | 'push'>[] {
  async function send(
    message: Pick<OutgoingMessage, 'id' | 'channel' | 'to' | 'scope'>,
    { signal, attempt }: AdapterCall,
  ): Promise<Outcome> {
    const body: CallBody = {
      message: message.id,
      attempt,
      channel: message.channel,
      to: message.to,
      scope: message.scope,
      process,
    };
    failpoints.pass('before-call');
    const outcome = await post(body, signal);
    if (signal.aborted || outcome.outcome === 'unknown') {
      tell({ kind: 'unanswered', at: monotonic(), message: message.id, attempt });
    }
    failpoints.pass('after-call');
    return outcome;
  }
  async function post(body: CallBody, signal: AbortSignal): Promise<Outcome> {
    try {
      const response = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body: JSON.stringify(body), signal });
      const refused = outcomeOfStatus(response.status, response.headers);
      if (!refused) return { outcome: 'accepted', providerId: await response.text() };
      await response.body?.cancel();
      return refused;
    } catch (error) {
      return outcomeOfFailure(error, signal);
    }
  }
  const common = {
    lane: { slots: settings.slots },
    deadlineMs: settings.deadlineMs,
    attempts: settings.attempts,
    send,
  };
  return [
    defineAdapter({
      ...common,
      name: 'mailer',
      channel: 'email',
      defaultSender: { address: 'hello@example.com' },
    }),
    defineAdapter({ ...common, name: 'pusher', channel: 'push' }),
  ];
}
