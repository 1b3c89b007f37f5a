import { createEngine, defineAdapter, defineEvent, type Engine, type Queue, type Store } from '@tidings/core';
import { z } from 'zod';
import { addressOf, byCallers, keyOf, nameOf, nullProvider, orderOf, people, templatesOf } from '../work/work.ts';

const confirmation = defineEvent({
  payload: z.object({
    order: z.string(),
    placed: z.string(),
    items: z.array(z.object({ name: z.string(), quantity: z.number(), price: z.string() })).readonly(),
    total: z.string(),
    address: z.string(),
    link: z.url(),
  }),
  templates: { email: { en: templatesOf('contact.firstName') } },
});

const events = { confirmation };

/** The engine that is measured. */
export type MeasuredEngine = Engine<typeof events>;

/** An engine with one event, and one adapter that delivers nowhere, one turn of the event loop later. */
export function openEngine(store: Store, slots?: number, queue?: Queue): MeasuredEngine {
  let calls = 0;
  const adapter = defineAdapter({
    name: 'nowhere',
    channel: 'email',
    defaultSender: { address: 'orders@shop.example.com', name: 'Harbour Tea' },
    ...(slots === undefined ? {} : { lane: { slots } }),
    async send() {
      await nullProvider();
      calls += 1;
      return { outcome: 'accepted', providerId: `nowhere-${calls}` };
    },
  });
  return createEngine({
    store,
    adapters: [adapter],
    events,
    secrets: ['a secret of the bench, 32 bytes long'],
    ...(queue ? { queue } : {}),
  });
}

/** Makes the contacts that the sends go to. */
export async function seedContacts(engine: MeasuredEngine, count: number = people): Promise<void> {
  await byCallers(500, count, (person) =>
    engine.contacts.upsert({ email: addressOf(person), firstName: nameOf(person), language: 'en' }),
  );
}

/** Confirms an order to somebody who is known. */
export function sendOrder(
  engine: MeasuredEngine,
  run: string,
  number: number,
  person: number = number,
): ReturnType<MeasuredEngine['send']> {
  return engine.send('confirmation', {
    to: { email: addressOf(person) },
    payload: orderOf(number),
    idempotencyKey: keyOf(run, number),
  });
}
