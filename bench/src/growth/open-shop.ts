import { randomUUID } from 'node:crypto';
import { createEngine, defineAdapter, defineEvent, type Engine, type Store, silentLogger } from '@tidings/core';
import { z } from 'zod';
import { addressOf, byCallers, keyOf, nameOf, nullProvider, orderOf, people, templatesOf } from '../work/work.ts';

const order = defineEvent({
  payload: z.object({
    order: z.string(),
    placed: z.string(),
    items: z.array(z.object({ name: z.string(), quantity: z.number(), price: z.string() })),
    total: z.string(),
    address: z.string(),
    link: z.string(),
  }),
  templates: { email: { en: templatesOf('contact.firstName') } },
});

/** An engine that confirms orders to 10,000 people through a provider that takes everything. */
export interface Shop {
  readonly engine: Engine<{ order: typeof order }>;
  /** Messages handed over so far. */
  readonly delivered: number;
  /** Makes the people, each by a first order; this warms up as well. */
  welcome(callers: number): Promise<void>;
  /** Confirms one order to a person who is known. */
  confirm(run: string, number: number): Promise<unknown>;
  stop(): Promise<void>;
}

/** Opens one on a store. */
export function openShop(store: Store, secret = 'a secret of the bench'): Shop {
  let delivered = 0;
  const mailer = defineAdapter({
    name: 'null',
    channel: 'email',
    async send() {
      await nullProvider();
      delivered += 1;
      // as providers do: ids without an order
      return { outcome: 'accepted', providerId: randomUUID() };
    },
  });
  const engine = createEngine({
    store,
    adapters: [mailer],
    senders: [{ channel: 'email', address: 'orders@shop.example.com' }],
    events: { order },
    secrets: [secret.padEnd(32, '.')],
    log: silentLogger,
  });
  return {
    engine,
    get delivered() {
      return delivered;
    },
    async welcome(callers) {
      await engine.start();
      const run = randomUUID();
      await byCallers(callers, people, (number) =>
        engine.send('order', {
          to: { email: addressOf(number), firstName: nameOf(number) },
          payload: orderOf(number),
          idempotencyKey: keyOf(run, number),
        }),
      );
      await engine.idle();
    },
    confirm: (run, number) =>
      engine.send('order', {
        to: addressOf(number),
        payload: orderOf(number),
        idempotencyKey: keyOf(run, number),
      }),
    stop: () => engine.stop(),
  };
}
