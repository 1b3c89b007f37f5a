import {
  captureAdapter,
  createEngine,
  defineEvent,
  type EngineOptions,
  type EventMap,
  memoryStore,
  silentLogger,
} from '@tidings/core';
import { fakeClock } from '@tidings/testing';
import { z } from 'zod';

/** Sends one message whose template is `source`, and returns what became of it. */
export async function render(
  source: string,
  given: {
    to: string | Record<string, string>;
    payload?: Record<string, unknown>;
    field?: 'text' | 'html' | 'sms';
    overrides?: { brand: Record<string, string> };
    engine?: Partial<EngineOptions<EventMap>>;
  },
): Promise<unknown> {
  const { to, payload = {}, field = 'text', overrides } = given;
  const templates =
    field === 'sms' ? { sms: { en: { text: source } } } : { email: { en: { subject: 'Hello', [field]: source } } };
  const outbox = captureAdapter({ name: 'outbox', channel: field === 'sms' ? 'sms' : 'email' });
  const engine = createEngine({
    store: memoryStore(),
    adapters: [outbox],
    senders: [{ channel: 'email', address: 'hello@example.com' }],
    app: { name: 'Example' },
    brand: { tone: 'friendly' },
    log: silentLogger,
    // stands still, so that a busy machine meets no time limit
    clock: fakeClock(),
    ...given.engine,
    events: { event: defineEvent({ payload: z.looseObject({}), templates: templates as never }) } as EventMap,
  });
  await engine.untyped.send('event', { to, payload, ...(overrides ? { overrides } : {}) });
  await engine.idle();
  const [message] = (await engine.messages.list()).items;
  if (message?.status !== 'sent') throw new Error(`The message is ${message?.status}: ${message?.error?.message}`);
  await engine.stop();
  return outbox.last()?.content[field === 'sms' ? 'text' : field];
}
