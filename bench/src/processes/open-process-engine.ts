import { createEngine, defineAdapter, defineEvent, type Engine, type Queue, type Store } from '@tidings/core';
import { z } from 'zod';
import { nullProvider, templatesOf } from '../work/work.ts';

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

/** The engine of one process among several. */
export type ProcessEngine = Engine<{ confirmation: typeof confirmation }>;

/** As `engine/open-engine.ts`, and with a queue. */
export function openProcessEngine(store: Store, queue: Queue): ProcessEngine {
  const adapter = defineAdapter({
    name: 'nowhere',
    channel: 'email',
    defaultSender: { address: 'orders@shop.example.com', name: 'Harbour Tea' },
    async send() {
      await nullProvider();
      return { outcome: 'accepted' };
    },
  });
  return createEngine({
    store,
    queue,
    adapters: [adapter],
    events: { confirmation },
    secrets: ['a secret of the bench, 32 bytes long'],
  });
}
