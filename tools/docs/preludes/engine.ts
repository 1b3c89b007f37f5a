import { captureAdapter, createEngine, defineEvent, memoryStore, silentLogger } from '@tidings/core';
import { z } from 'zod';

const welcome = defineEvent({
  payload: z.object({ company: z.string() }),
  templates: {
    email: { en: { subject: 'Welcome to {{company}}', html: '<p>Hi {{contact.name | there}}</p>' } },
    sms: { en: { text: 'Welcome to {{company}}' } },
  },
});
const engineOptions = {
  adapters: [captureAdapter({ name: 'email', channel: 'email' }), captureAdapter({ name: 'sms', channel: 'sms' })],
  senders: [{ channel: 'email', address: 'hello@example.com' }],
  events: { welcome },
  log: silentLogger,
} as const;
export const engine = createEngine({ ...engineOptions, store: memoryStore() });
